import { type Live, useLive } from '../data/live';
import { Age } from './age';

const metaOf = (live: Live) => live.meta;
const tracksOf = (live: Live) => live.tracks;

/** What everybody must know before they read on: pauses, and a board that may be out of date. */
export function Banner() {
  const { disconnectedSince } = useLive(metaOf);
  const tracks = useLive(tracksOf);
  const paused = [...tracks.values()].filter(({ pause }) => pause !== undefined);
  const [first] = paused;
  return (
    <div class="banners" role="status">
      {disconnectedSince && (
        <p class="banner bad">
          No connection to NATS for <Age since={disconnectedSince} />: the board may be out of date.
        </p>
      )}
      {first?.pause && (
        <p class="banner busy">
          <strong>Paused: </strong>
          {paused.length === tracks.size && tracks.size > 1 ? 'every Track' : namesOf(paused.map(({ name }) => name))},
          by {first.pause.by} <Age since={first.pause.since} /> ago
          {first.pause.message && `: ${first.pause.message}`}
        </p>
      )}
    </div>
  );
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more Tracks` : shown;
}
