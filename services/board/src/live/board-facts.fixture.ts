import type { Facts } from '@k8sta/board';
import type { DataOf } from '@k8sta/contracts';
import { parseTracks } from '@k8sta/tracks';
import { LiveBoard } from './live-board.js';

/** A board of so many Tracks with three Stations each, which of them it has drawn, and how to put an image on an Application. */
export function boardOf(trackCount: number) {
  const stations = (name: string) =>
    ['dev', 'stage', 'prod'].map((station) => `{name: ${station}, applications: [${name}-${station}]}`).join(', ');
  const text = Array.from(
    { length: trackCount },
    (_, at) => `- {name: t${at}, images: [{repository: acme/t${at}}], stations: [${stations(`t${at}`)}]}\n`,
  );
  const parsed = parseTracks([{ path: 'tracks.yaml', text: `tracks:\n${text.join('')}` }]);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const applications = new Map<string, DataOf<'application.observed'> | undefined>();
  const drawn: string[] = [];
  const findings: Facts['findings'] = Object.assign(new Map(), {
    get(track: string) {
      drawn.push(track);
    },
  });
  const facts: Facts = { tracks: parsed.tracks, tickets: new Map(), applications, findings };
  const board = new LiveBoard(parsed.tracks, () => facts);
  board.refresh();
  const observe = (name: string, image: string, instance = 'default') => {
    applications.set(`argocd/${name}`, {
      ...{
        instance,
        namespace: 'argocd',
        name,
        images: [image],
        sync: { status: 'Synced' },
        health: { status: 'Healthy' },
      },
    } as unknown as DataOf<'application.observed'>);
    board.take({ of: 'application', key: `argocd/${name}` });
  };
  return { board, facts, observe, drawn };
}
