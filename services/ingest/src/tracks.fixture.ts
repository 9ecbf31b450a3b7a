import assert from 'node:assert/strict';
import { parseTracks, type Track } from '@k8sta/tracks';

/** The Tracks of a tracks file: of its text, or of the object that it holds. */
export function tracksOf(file: string | object): Track[] {
  const text = typeof file === 'string' ? file : JSON.stringify(file);
  const parsed = parseTracks([{ path: 'tracks.yaml', text }]);
  assert.ok('tracks' in parsed, JSON.stringify(parsed));
  return parsed.tracks;
}

/** A Track with one Station that subscribes to these repositories, as a tracks file has it. */
export function written(name: string, ...repositories: string[]) {
  const images = repositories.map((repository) => ({ repository }));
  return { name, images, stations: [{ name: 'dev', applications: [name] }] };
}
