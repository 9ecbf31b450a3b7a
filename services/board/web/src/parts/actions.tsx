import { isEnded, type TicketModel, type TrackModel } from '@k8sta/board/browser';
import { useState } from 'preact/hooks';
import { useMay, useMe } from '../data/me';
import { type Offer, WordDialog } from './word-dialog';

/** The buttons of these words, those that the person may say. */
function Actions({ offers }: { offers: readonly Offer[] }) {
  const [chosen, choose] = useState<Offer>();
  if (offers.length === 0) return null;
  return (
    <div class="actions">
      {offers.map((offer) => (
        <button key={offer.title} type="button" onClick={() => choose(offer)}>
          {offer.label}
        </button>
      ))}
      {chosen && <WordDialog offer={chosen} onClose={() => choose(undefined)} />}
    </div>
  );
}

export function EverywhereActions() {
  const { mayEverywhere } = useMe();
  const offers: Offer[] = [
    { verb: 'pause', label: 'Pause all', title: 'Pause every Track', word: {}, needsReason: true },
    { verb: 'resume', label: 'Resume all', title: 'Resume every Track', word: {} },
  ];
  return <Actions offers={offers.filter(({ verb }) => mayEverywhere.includes(verb))} />;
}

export function TrackActions({ track: { name: track, stations, repositories, pause } }: { track: TrackModel }) {
  const may = useMay(track);
  const names = stations.map(({ name }) => name);
  const own = stations.filter(({ tracks }) => tracks.length === 0).map(({ name }) => name);
  const [repository = ''] = repositories;
  const offers: Offer[] = [
    pause
      ? { verb: 'resume', label: 'Resume', title: `Resume ${track}`, word: { track }, stations: ['', ...names] }
      : {
          verb: 'pause',
          label: 'Pause',
          title: `Pause ${track}`,
          word: { track },
          stations: ['', ...names],
          needsReason: true,
        },
    ...(stations.some((station) => station.pause) && !pause
      ? [{ verb: 'resume', label: 'Resume', title: `Resume a Station of ${track}`, word: { track }, stations: names }]
      : []),
    {
      verb: 'promote',
      label: 'Promote',
      title: `Promote an image on ${track}`,
      word: { track },
      image: `${repository}:`,
      needsReason: true,
    },
    {
      verb: 'rollback',
      label: 'Roll back',
      title: `Roll a Station of ${track} back`,
      word: { track },
      stations: own,
      needsReason: true,
    },
  ];
  return <Actions offers={offers.filter(({ verb }) => may.includes(verb))} />;
}

export function TicketActions({
  track,
  ticket: { id: ticket, is, next, tag, reason },
}: {
  track: string;
  ticket: TicketModel;
}) {
  const may = useMay(track);
  const word = { track, ticket };
  const offers: Offer[] = isEnded(is)
    ? is === 'completed'
      ? []
      : [{ verb: 'retry', label: 'Retry', title: `Retry ${tag}`, word, needsReason: true }]
    : [
        ...(next && reason === 'ApprovalMissing'
          ? [
              {
                verb: 'approve',
                label: `Approve for ${next}`,
                title: `Approve ${tag} for ${next}`,
                word: { ...word, station: next },
              },
            ]
          : []),
        { verb: 'express', label: 'Express', title: `Let ${tag} pass gates and blocks`, word, needsReason: true },
        { verb: 'cancel', label: 'Cancel', title: `Cancel ${tag}`, word, needsReason: true },
      ];
  return <Actions offers={offers.filter(({ verb }) => may.includes(verb))} />;
}
