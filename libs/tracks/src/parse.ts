import { findDeadlocks } from './deadlock.js';
import { draftsOf } from './draft.js';
import { findContested, findDuplicates } from './duplicates.js';
import { explain } from './explain.js';
import { type Fault, formatFault } from './fault.js';
import { findBrokenLinks, findSubscribedTargets, findUncarried } from './links.js';
import { withOrder } from './order.js';
import { fileObject, type WrittenTrack } from './schema.js';
import { readSource, type Source, type TracksFile } from './source.js';
import { broughtImages } from './subscribers.js';
import type { Track } from './track.js';

/**
 * Parses the Tracks from the files' texts, or returns all faults. Never throws. If some files could not be read, names that
 * the others do not know may be theirs, and are no faults.
 */
export function parseTracks(
  files: readonly TracksFile[],
  { allRead = true }: { readonly allRead?: boolean } = {},
): { tracks: Track[] } | { faults: Fault[] } {
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
  const drafts = draftsOf(sources);
  faults.push(...findDuplicates(drafts), ...findContested(drafts));
  if (allRead && sources.length === files.length) faults.push(...findBrokenLinks(drafts));
  // What follows from the names says nothing while one of them is wrong.
  if (faults.length === 0) faults.push(...findSubscribedTargets(drafts), ...findUncarried(drafts));
  if (faults.length === 0) faults.push(...findDeadlocks(drafts));
  return faults.length === 0 ? { tracks: withBrought(withOrder(tracks)) } : { faults: inOrder(faults, files) };
}

function check(source: Source): { tracks: WrittenTrack[] } | { faults: Fault[] } {
  if (source.value === null) return { faults: [source.faultAt([], 'is empty; it must contain "tracks"')] };
  const parsed = fileObject.safeParse(source.value);
  if (parsed.success) return { tracks: parsed.data.tracks };
  const explanations = parsed.error.issues.flatMap((issue) => explain(issue, source.value));
  return { faults: explanations.map(({ path, message, key }) => source.faultAt(path, message, key)) };
}

function withBrought(tracks: readonly Track[]): Track[] {
  return tracks.map((track) => {
    const brought = broughtImages(tracks, track);
    return brought.length === 0 ? track : { ...track, brought };
  });
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
