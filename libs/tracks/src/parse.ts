import { sanitizeLine } from '@k8sta/text';
import { type Contested, type Duplicate, findContested, findDuplicates } from './duplicates.js';
import { explain } from './explain.js';
import { type Fault, formatFault } from './fault.js';
import { withOrder } from './order.js';
import { fileObject, type WrittenTrack } from './schema.js';
import { readSource, type Source, type TracksFile } from './source.js';
import type { Track } from './track.js';

/** Parses the Tracks from the files' texts, or returns all faults. Never throws. */
export function parseTracks(files: readonly TracksFile[]): { tracks: Track[] } | { faults: Fault[] } {
  const faults: Fault[] = [];
  const sources: Source[] = [];
  const tracks: WrittenTrack[] = [];
  for (const file of files) {
    const read = readSource(file);
    if ('faults' in read) {
      faults.push(...read.faults);
      continue;
    }
    sources.push(read.source);
    const parsed = check(read.source);
    if ('faults' in parsed) faults.push(...parsed.faults);
    else tracks.push(...parsed.tracks);
  }
  faults.push(...findDuplicates(sources).map(duplicateFault), ...findContested(sources).map(contestedFault));
  return faults.length === 0 ? { tracks: withOrder(tracks) } : { faults: inOrder(faults, files) };
}

function check(source: Source): { tracks: WrittenTrack[] } | { faults: Fault[] } {
  if (source.value === null) return { faults: [source.faultAt([], 'is empty; it must contain "tracks"')] };
  const parsed = fileObject.safeParse(source.value);
  if (parsed.success) return { tracks: parsed.data.tracks };
  const explanations = parsed.error.issues.flatMap((issue) => explain(issue, source.value));
  return { faults: explanations.map(({ path, message, key }) => source.faultAt(path, message, key)) };
}

function duplicateFault({ what, name, source, path, first }: Duplicate): Fault {
  const { file, line, column } = first.source.faultAt(first.path, '');
  return source.faultAt(path, `the ${what} "${sanitizeLine(name, 100)}" is already named at ${file}:${line}:${column}`);
}

function contestedFault({ name, repository, source, path, first }: Contested): Fault {
  const { file, line, column } = first.source.faultAt(first.path, '');
  return source.faultAt(
    path,
    `the Application "${sanitizeLine(name, 100)}" is already on the Track "${sanitizeLine(first.track, 63)}" at ${file}:${line}:${column} for ${repository}: one Track promotes an image into an Application`,
  );
}

function inOrder(faults: Fault[], files: readonly TracksFile[]): Fault[] {
  const order = files.map(({ path }) => path);
  // The target of an alias yields the same fault once for each use.
  const once = new Map(faults.map((fault) => [formatFault(fault), fault]));
  return [...once.values()].sort(
    (a, b) =>
      order.indexOf(a.file) - order.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
