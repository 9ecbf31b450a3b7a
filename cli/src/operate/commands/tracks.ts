import type { Command } from 'commander';
import { fields, moment, table } from '../output.js';
import { asks, examples } from '../speak.js';

/** Makes `k8sta tracks` list the Tracks of a running K8sTA, beside its subcommands for tracks files. */
export function addTracks(program: Command, tracks: Command): void {
  tracks.description('list the Tracks of a running K8sTA, or work on tracks files');
  examples(tracks, 'tracks', 'track storefront', 'tracks check tracks.yaml');
  asks(
    tracks,
    'tracks',
    () => ({}),
    ({ tracks: found, more }) => {
      const rows = found.map(({ name, images, stations, tickets, findings, paused }) => [
        ...[name, stations.join(' -> '), String(tickets), String(findings)],
        ...[paused ? pauseText(paused) : '-', images.join(', ')],
      ]);
      const head = ['TRACK', 'STATIONS', 'TICKETS', 'FINDINGS', 'PAUSED', 'IMAGES'];
      return `${table(head, rows)}${more === undefined ? '' : `and ${more} more\n`}`;
    },
  );
  const track = program
    .command('track')
    .description('show a Track: what runs at each Station, its Tickets and its findings')
    .argument('<track>', 'its name');
  examples(track, 'track storefront');
  asks(
    track,
    'track',
    (_flags, name: string) => ({ track: name }),
    ({ track: { name, images, stations, paused, findings } }) => {
      const head = fields([
        ['Track', name],
        ['images', images.join(', ')],
        ['paused', paused && pauseText(paused)],
      ]);
      const rows = stations.map((station) => [
        station.name,
        station.image ?? '-',
        moment(station.arrivedAt),
        station.tickets.join(', ') || '-',
        station.paused ? pauseText(station.paused) : '-',
        (station.tracks ?? station.applications ?? []).join(', '),
      ]);
      const columns = ['STATION', 'IMAGE', 'ARRIVED', 'TICKETS', 'PAUSED', 'RUNS'];
      const found = findings.map((finding) => {
        const { station, reason, message } = finding as Readonly<Record<string, unknown>>;
        return [String(station), String(reason), String(message)];
      });
      const problems = found.length > 0 ? `\n${table(['STATION', 'FINDING', 'MESSAGE'], found)}` : '';
      return `${head}\n${table(columns, rows)}${problems}`;
    },
  );
}

function pauseText({ by, message }: { readonly by: string; readonly message?: string | undefined }): string {
  return message === undefined ? `by ${by}` : `by ${by}: ${message}`;
}
