import type { TrackModel } from '@k8sta/board/browser';
import { useMemo, useState } from 'preact/hooks';
import { type Live, useLive } from '../data/live';
import { useMe } from '../data/me';
import { useTitle } from '../data/title';
import { EverywhereActions } from '../parts/actions';
import { TrackCard } from '../parts/track-card';
import { VirtualList } from '../parts/virtual-list';

const tracksOf = (live: Live) => live.tracks;
const connectionOf = (live: Live) => live.connection;
const nameOf = ({ name }: TrackModel) => name;

const filters = [
  ['all', 'All', () => true],
  ['trouble', 'Need attention', ({ trouble }: TrackModel) => trouble],
  ['moving', 'Moving', ({ moving }: TrackModel) => moving],
] as const;

/** All Tracks: those in trouble first, then those with a Ticket on its way, then the others. */
export function TracksPage() {
  useTitle('Tracks');
  const tracks = useLive(tracksOf);
  const [filter, setFilter] = useState<string>('all');
  const [text, setText] = useState('');
  const sorted = useMemo(() => [...tracks.values()].sort(byUrgency), [tracks]);
  const [, , matches] = filters.find(([key]) => key === filter) ?? filters[0];
  const shown = sorted.filter((track) => matches(track) && isNamed(track, text));
  return (
    <>
      <div class="page-head">
        <h1>Tracks</h1>
        <fieldset class="filters">
          <legend class="unseen">Which Tracks</legend>
          {filters.map(([key, name, is]) => (
            <button key={key} type="button" aria-pressed={filter === key} onClick={() => setFilter(key)}>
              {name} <span class="count">{sorted.filter(is).length}</span>
            </button>
          ))}
        </fieldset>
        <input
          type="search"
          aria-label="Only Tracks with this in their name or image"
          placeholder="Filter"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <EverywhereActions />
      </div>
      {shown.length === 0 ? (
        <Empty hasTracks={sorted.length > 0} />
      ) : (
        <VirtualList items={shown} keyOf={nameOf} label="Tracks">
          {(track) => <TrackCard track={track} />}
        </VirtualList>
      )}
    </>
  );
}

/** Why no Track is drawn. */
function Empty({ hasTracks }: { hasTracks: boolean }) {
  const connection = useLive(connectionOf);
  const { isClosed, name } = useMe();
  if (hasTracks || connection === 'live') return <p class="empty">No Track matches.</p>;
  if (isClosed && name === undefined) return <p class="empty">Sign in to see the Tracks.</p>;
  return (
    <p class="empty">{connection === 'opening' ? 'Connecting…' : 'The board does not answer. Connecting again…'}</p>
  );
}

function byUrgency(a: TrackModel, b: TrackModel): number {
  return Number(b.trouble) - Number(a.trouble) || Number(b.moving) - Number(a.moving);
}

function isNamed({ name, repositories }: TrackModel, text: string): boolean {
  const word = text.trim().toLowerCase();
  return word === '' || [name, ...repositories].some((each) => each.toLowerCase().includes(word));
}
