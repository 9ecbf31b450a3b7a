import { age } from './age.js';
import type { Facts } from './facts.js';
import { conditionLooks, isEnded, ticketLooks } from './looks.js';
import type { Pause } from './pauses.js';
import type { Item, Row, Span } from './row.js';
import type { ApplicationModel, StationModel } from './station.js';
import type { TicketModel } from './ticket.js';
import { byTrack, type TrackModel, trackModel } from './track.js';
import { pad, widthOf } from './width.js';

/** One Track of the board, as rows of text. */
export interface TrackView {
  readonly name: string;
  /** From the name of the Track down to its last Tickets. An empty row is a blank line. */
  readonly rows: readonly Row[];
  /** Something on it is failed, Degraded, missing or held. */
  readonly trouble: boolean;
  /** A Ticket is on its way. */
  readonly moving: boolean;
}

/**
 * The board: each Track from top to bottom, its Stations with their images, its Tickets between them with state, age and
 * message. Tracks in trouble come first, the others follow in the order of the tracks files.
 */
export function viewOf(facts: Facts, now: Date): TrackView[] {
  const tickets = byTrack(facts.tickets);
  const views = facts.tracks.map((track) => trackView(trackModel(facts, track, tickets.get(track.name) ?? []), now));
  return [...views.filter(({ trouble }) => trouble), ...views.filter(({ trouble }) => !trouble)];
}

function trackView(model: TrackModel, now: Date): TrackView {
  const { name, stations, trouble, moving } = model;
  const widths = {
    name: Math.max(...stations.map((station) => widthOf(station.name))),
    image: Math.max(...stations.map((station) => widthOf(imagesOf(station)))),
  };
  const between = (station: string | undefined, rail: string): Row[] =>
    model.open.filter((ticket) => ticket.station === station).map((ticket) => openRow(ticket, rail, now));
  const rows = [
    titleRow(model),
    ...pauseRows(model.pause, now),
    ...findingRows(model),
    ...between(undefined, ' '),
    ...stations.flatMap((station, at) => [
      ...(at === 0 ? [] : [plain('  │')]),
      stationRow(station, widths),
      ...pauseRows(station.pause, now),
      ...between(station.name, at === stations.length - 1 ? ' ' : '│'),
    ]),
    ...endedRows(model, now),
  ];
  return { name, rows, trouble, moving };
}

function titleRow({ name, repositories }: TrackModel): Row {
  const items = repositories.map((text): Item => ({ spans: [{ text, tone: 'quiet' }], trouble: false }));
  return { spans: [{ text: name, tone: 'strong' }, { text: '  ' }], items, trouble: false };
}

function pauseRows(pause: Pause | undefined, now: Date): Row[] {
  if (!pause) return [];
  const { by, message, since } = pause;
  const why: Span[] = message ? [{ text: `  ${message}`, tone: 'quiet' }] : [];
  return [{ spans: [{ text: `  ‖ paused by ${by} ${age(since, now)} ago`, tone: 'busy' }, ...why], trouble: false }];
}

function findingRows({ findings }: TrackModel): Row[] {
  return findings.map(({ station, message, holds }) => ({
    spans: [
      { text: `  ! ${station}${holds ? ' is held' : ''}`, tone: holds ? 'bad' : 'busy' },
      { text: `  ${message}`, tone: 'quiet' },
    ],
    trouble: holds,
  }));
}

function imagesOf({ images }: StationModel): string {
  return images.join(', ') || '-';
}

function stationRow(station: StationModel, widths: { name: number; image: number }): Row {
  const { name, applications, tracks, trouble } = station;
  const items = [...applications.map(applicationItem), ...tracks.map((track) => plainItem(`→ ${track}`))];
  return {
    spans: [
      { text: `  ● ${pad(name, widths.name)}  ` },
      { text: `${pad(imagesOf(station), widths.image)}  `, tone: 'strong' },
    ],
    items,
    trouble,
  };
}

function applicationItem({ name, condition, words, trouble }: ApplicationModel): Item {
  const { sign, tone } = conditionLooks[condition];
  if (condition === 'unknown') return { spans: [{ text: `${sign} ${name} ${words}`, tone }], trouble };
  return { spans: [{ text: sign, tone }, { text: ` ${name}${words && ` ${words}`}` }], trouble };
}

/** A Ticket on its way. */
function openRow(ticket: TicketModel, rail: string, now: Date): Row {
  return { spans: [{ text: `  ${rail} ` }, ...ticketSpans(ticket, now)], trouble: ticket.trouble };
}

function endedRows({ ended, endedMore }: TrackModel, now: Date): Row[] {
  if (ended.length === 0) return [];
  const rows = ended.map(
    (ticket): Row => ({ spans: [{ text: '  ' }, ...ticketSpans(ticket, now)], trouble: ticket.trouble }),
  );
  return [
    plain(''),
    ...rows,
    ...(endedMore > 0 ? [plain(`  … and ${count(endedMore, 'more Ticket')} that ended`)] : []),
  ];
}

/** One Ticket: its image, its state, since when, and why. */
function ticketSpans({ image, is, failedAt, message, since }: TicketModel, now: Date): Span[] {
  const { sign, tone, verb } = ticketLooks[is];
  return [
    { text: `${sign} ${image}`, tone },
    { text: `  ${failedAt ? `${verb} at ${failedAt}` : verb} ${age(since, now)}${isEnded(is) ? ' ago' : ''}` },
    { text: message && `  ${message}`, tone: is === 'failed' ? 'bad' : 'quiet' },
  ];
}

function plain(text: string): Row {
  return { spans: [{ text }], trouble: false };
}

function plainItem(text: string): Item {
  return { spans: [{ text }], trouble: false };
}

/** `1 more Ticket`, `12 more Tickets`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
