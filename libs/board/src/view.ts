import type { Ticket } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { imagesOf, type Track } from '@k8sta/tracks';
import type { Facts } from './facts.js';
import type { Item, Row } from './row.js';
import { imageName, presentImages, stationItems, stationRow } from './station.js';
import { isOpen, stationOf, ticketSpans } from './ticket.js';
import { widthOf } from './width.js';

/** One Track of the board. */
export interface TrackView {
  readonly name: string;
  /** From the name of the Track down to its last Tickets. An empty row is a blank line. */
  readonly rows: readonly Row[];
  /** Something on it is failed, Degraded, missing or held. */
  readonly trouble: boolean;
  /** A Ticket is on its way. */
  readonly moving: boolean;
}

/** How many of the Tickets that have ended are shown. */
const endedShown = 3;

/**
 * The board: each Track from top to bottom, its Stations with their images, its Tickets between them with state, age and
 * message. Tracks in trouble come first, the others follow in the order of the tracks files.
 */
export function viewOf(facts: Facts, now: Date): TrackView[] {
  const tickets = byTrack(facts);
  const views = facts.tracks.map((track) => trackView(facts, track, tickets.get(track.name) ?? [], now));
  return [...views.filter(({ trouble }) => trouble), ...views.filter(({ trouble }) => !trouble)];
}

function byTrack({ tickets }: Facts): ReadonlyMap<string, readonly Ticket[]> {
  const groups = new Map<string, Ticket[]>();
  for (const ticket of tickets.values()) {
    const group = groups.get(ticket.track);
    if (group) group.push(ticket);
    else groups.set(ticket.track, [ticket]);
  }
  return groups;
}

function trackView(facts: Facts, track: Track, tickets: readonly Ticket[], now: Date): TrackView {
  const open = tickets.filter(isOpen).sort((a, b) => b.pushedAt.localeCompare(a.pushedAt));
  const { stations } = track;
  const widths = {
    name: Math.max(...stations.map(({ name }) => widthOf(name))),
    image: Math.max(...stations.map((station) => widthOf(presentImages(facts, track, station)))),
  };
  const troubled = new Set(
    stations.filter((station) => stationItems(facts, station).some(({ trouble }) => trouble)).map(({ name }) => name),
  );
  const between = (station: string | undefined, rail: string): Row[] =>
    open
      .filter((ticket) => stationOf(ticket) === station)
      .map((ticket) => openRow(track, ticket, rail, station !== undefined && troubled.has(station), now));
  const rows = [
    titleRow(track),
    ...findingRows(facts, track),
    ...between(undefined, ' '),
    ...stations.flatMap((station, at) => [
      ...(at === 0 ? [] : [plain('  │')]),
      stationRow(facts, track, station, widths),
      ...between(station.name, at === stations.length - 1 ? ' ' : '│'),
    ]),
    ...endedRows(track, tickets, now),
  ];
  return { name: track.name, rows, trouble: rows.some(({ trouble }) => trouble), moving: open.length > 0 };
}

function titleRow(track: Track): Row {
  const repositories = imagesOf(track).map(
    ({ repository }): Item => ({ spans: [{ text: repository, tone: 'quiet' }], trouble: false }),
  );
  return { spans: [{ text: track.name, tone: 'strong' }, { text: '  ' }], items: repositories, trouble: false };
}

function findingRows({ findings }: Facts, track: Track): Row[] {
  return (findings.get(track.name) ?? []).map(({ station, message, holds }) => ({
    spans: [
      { text: `  ! ${station}${holds ? ' is held' : ''}`, tone: holds ? 'bad' : 'busy' },
      { text: `  ${sanitizeLine(message)}`, tone: 'quiet' },
    ],
    trouble: holds,
  }));
}

/** A Ticket on its way. Its message is marked as trouble if it is about a Station in trouble. */
function openRow(track: Track, ticket: Ticket, rail: string, atTrouble: boolean, now: Date): Row {
  const { repository, tag } = ticket.image;
  const { is } = ticket.state;
  return {
    spans: [{ text: `  ${rail} ` }, ...ticketSpans(ticket, imageName(track, repository, tag), now)],
    trouble: is === 'syncing' && atTrouble,
  };
}

function endedRows(track: Track, tickets: readonly Ticket[], now: Date): Row[] {
  const ended = tickets.filter((ticket) => !isOpen(ticket)).sort(lastEndedFirst);
  if (ended.length === 0) return [];
  const failures = unresolved(ended);
  const shown = [
    ...ended.filter((ticket) => failures.has(ticket)),
    ...ended.filter((ticket) => !failures.has(ticket)),
  ].slice(0, Math.max(endedShown, failures.size));
  const more = ended.length - shown.length;
  const rows = shown.map((ticket): Row => {
    const { repository, tag } = ticket.image;
    const spans = ticketSpans(ticket, imageName(track, repository, tag), now);
    return { spans: [{ text: '  ' }, ...spans], trouble: failures.has(ticket) };
  });
  return [plain(''), ...rows, ...(more > 0 ? [plain(`  … and ${count(more, 'more Ticket')} that ended`)] : [])];
}

/** The failed Tickets without a later completed one of their repository: at most one for each repository. */
function unresolved(newestFirst: readonly Ticket[]): ReadonlySet<Ticket> {
  const last = new Map<string, Ticket>();
  for (const ticket of newestFirst) {
    const decided = ticket.state.is === 'completed' || ticket.state.is === 'failed';
    if (decided && !last.has(ticket.image.repository)) last.set(ticket.image.repository, ticket);
  }
  return new Set([...last.values()].filter(({ state }) => state.is === 'failed'));
}

function lastEndedFirst(a: Ticket, b: Ticket): number {
  return b.state.since.localeCompare(a.state.since);
}

function plain(text: string): Row {
  return { spans: [{ text }], trouble: false };
}

/** `1 more Ticket`, `12 more Tickets`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
