import { oneLine, type Ticket } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import picocolors from 'picocolors';
import type { Facts } from './facts.js';
import { type Paint, paintLine, type Span } from './line.js';
import { drawStop, imageName, presentImages } from './stop.js';
import { drawTrain, isRiding, platformOf } from './train.js';

/** How many of the Tickets whose ride is over are shown. */
const endedShown = 3;

/**
 * The departure board: each Track a line from top to bottom, its Stations stops with what runs there, its Tickets
 * trains between them with state, age and reason.
 */
export function drawBoard(facts: Facts, now: Date, columns: number, paint: Paint = picocolors): string {
  const lines = facts.tracks.flatMap((track) => [...drawTrack(facts, track, now), []]);
  return lines.map((spans) => paintLine(spans, columns, paint)).join('\n');
}

function drawTrack(facts: Facts, track: Track, now: Date): Span[][] {
  const tickets = [...facts.tickets.values()].filter((ticket) => ticket.track === track.name);
  const train = (ticket: Ticket) => drawTrain(ticket, imageName(track, ticket.image.repository, ticket.image.tag), now);
  const riding = tickets.filter(isRiding).sort((a, b) => b.pushedAt.localeCompare(a.pushedAt));
  const underway = (platform: string | undefined, rail: string): Span[][] =>
    riding
      .filter((ticket) => platformOf(ticket) === platform)
      .map((ticket) => [{ text: `  ${rail} ` }, ...train(ticket)]);
  const ended = tickets
    .filter((ticket) => !isRiding(ticket))
    .sort((a, b) => b.state.since.localeCompare(a.state.since))
    .slice(0, endedShown);
  const { stations } = track;
  const widths = {
    name: Math.max(...stations.map(({ name }) => name.length)),
    image: Math.max(...stations.map((station) => presentImages(facts, track, station).length)),
  };
  const [first] = stations;
  return [
    [
      { text: track.name, colour: 'bold' },
      { text: `  ${track.images.map(({ repository }) => repository).join(', ')}`, colour: 'dim' },
    ],
    ...(facts.findings.get(track.name) ?? []).map(({ station, message, holds }): Span[] => [
      { text: `  ! ${station}${holds ? ' is held' : ''}`, colour: holds ? 'red' : 'yellow' },
      { text: `  ${oneLine(message)}`, colour: 'dim' },
    ]),
    ...underway(undefined, ' '),
    ...stations.flatMap((station) => [
      ...(station === first ? [] : [[{ text: '  │' }]]),
      [{ text: '  ● ' }, ...drawStop(facts, track, station, widths)],
      ...underway(station.name, station === stations.at(-1) ? ' ' : '│'),
    ]),
    ...(ended.length > 0 ? [[]] : []),
    ...ended.map((ticket) => [{ text: '  ' }, ...train(ticket)]),
  ];
}
