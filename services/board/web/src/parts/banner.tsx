import type { Pause, TrackModel } from '@k8sta/board/browser';
import { type Live, useLive } from '../data/live';
import { At } from './age';

const metaOf = (live: Live) => live.meta;
const tracksOf = (live: Live) => live.tracks;

/** How many pauses a banner names. */
const mostPauses = 3;

/**
 * What everybody must know before they read on: pauses, and a board that may be out of date. A screen reader says it again
 * whenever its text changes, so that it says since when and not for how long.
 */
export function Banner() {
  const { disconnectedSince } = useLive(metaOf);
  const tracks = useLive(tracksOf);
  const pauses = pausesOf([...tracks.values()]);
  const others = pauses.slice(mostPauses).flatMap(({ names }) => names);
  return (
    <div role="status">
      {disconnectedSince && (
        <p class="banner bad">
          No connection to NATS since <At at={disconnectedSince} />: the board may be out of date.
        </p>
      )}
      {pauses.slice(0, mostPauses).map(({ names, pause: { by, since, message } }) => (
        <p key={names[0]} class="banner busy">
          <strong>Paused: </strong>
          {names.length === tracks.size && tracks.size > 1 ? 'every Track' : namesOf(names)}, by {by} since{' '}
          <At at={since} />
          {message && `: ${message}`}
        </p>
      ))}
      {others.length > 0 && <p class="banner busy">Paused as well: {namesOf(others)}.</p>}
    </div>
  );
}

/** The pauses of Tracks; those that one person gave one reason for are one. */
function pausesOf(tracks: readonly TrackModel[]): { names: string[]; pause: Pause }[] {
  const pauses = new Map<string, { names: string[]; pause: Pause }>();
  for (const { name, pause } of tracks) {
    if (!pause) continue;
    const key = JSON.stringify([pause.by, pause.message]);
    const known = pauses.get(key);
    if (known) known.names.push(name);
    else pauses.set(key, { names: [name], pause });
  }
  return [...pauses.values()];
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
