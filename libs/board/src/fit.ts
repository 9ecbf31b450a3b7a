import { type Line, linesOf } from './lines.js';
import { count, type TrackView } from './view.js';

/** The available room; without limits if the board goes to a file or a pipe. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Block {
  readonly view: TrackView;
  readonly full: readonly Line[];
  /** Only the problems; empty for a Track without trouble. */
  readonly brief: readonly Line[];
}

const blank: Line = [];

/**
 * The board as lines that fit. If not all Tracks fit, those in trouble come first, if necessary with only their problems;
 * then those with a Ticket on its way. The last line counts what is not shown.
 */
export function fit(views: readonly TrackView[], { columns, rows }: Size): Line[] {
  const blocks = views.map((view) => blockOf(view, columns));
  const whole = blocks.map(({ full }) => full);
  if (heightOf(whole) <= rows) return join(whole);
  const chosen = choose([...blocks].sort(byUrgency), rows - 1);
  const hidden = blocks.filter(({ view }) => !chosen.has(view));
  const shown = join([...chosen.values()]);
  // Not even the problems of the first Track fit.
  if (shown.length === 0) return cutOff(blocks, rows);
  return hidden.length > 0 ? [...shown, more(hidden)] : shown;
}

function blockOf(view: TrackView, columns: number): Block {
  const [title] = view.rows;
  const wrong = view.rows.filter((row) => row.trouble);
  const brief = view.trouble && title ? [title, ...wrong] : [];
  const lines = (rows: TrackView['rows']) => rows.flatMap((row) => linesOf(row, columns));
  return { view, full: lines(view.rows), brief: lines(brief) };
}

function byUrgency({ view: a }: Block, { view: b }: Block): number {
  return Number(b.trouble) - Number(a.trouble) || Number(b.moving) - Number(a.moving);
}

/** The lines of each Track that is shown: first the problems of each, then as many whole Tracks as fit. */
function choose(blocks: readonly Block[], rows: number): ReadonlyMap<TrackView, readonly Line[]> {
  const chosen = new Map<TrackView, readonly Line[]>();
  const offer = (view: TrackView, lines: readonly Line[]) => {
    const others = [...chosen].filter(([key]) => key !== view).map(([, each]) => each);
    if (lines.length > 0 && heightOf([...others, lines]) <= rows) chosen.set(view, lines);
  };
  for (const { view, brief } of blocks) offer(view, brief);
  for (const { view, full } of blocks) offer(view, full);
  return chosen;
}

function cutOff([first, ...others]: readonly Block[], rows: number): Line[] {
  if (!first) return [];
  const lines = first.view.trouble ? first.brief : first.full;
  const room = Math.max(0, rows - (others.length > 0 ? 2 : 1));
  const left = lines.length - room;
  return [
    ...lines.slice(0, room),
    [{ text: `… and ${count(left, 'more line')} of ${first.view.name}`, tone: 'quiet' } as const],
    ...(others.length > 0 ? [more(others)] : []),
  ].slice(0, rows);
}

function more(hidden: readonly Block[]): Line {
  const wrong = hidden.filter(({ view }) => view.trouble).length;
  const text = `… and ${count(hidden.length, 'more Track')}`;
  if (wrong === 0) return [{ text: `${text} without trouble`, tone: 'quiet' }];
  return [{ text: wrong < hidden.length ? `${text}, ${wrong} of them in trouble` : `${text} in trouble`, tone: 'bad' }];
}

/** Joins the blocks with a blank line between two. */
function join(blocks: readonly (readonly Line[])[]): Line[] {
  return blocks.flatMap((lines, at) => (at === 0 ? lines : [blank, ...lines]));
}

function heightOf(blocks: readonly (readonly Line[])[]): number {
  return blocks.reduce((sum, lines) => sum + lines.length + 1, -1);
}
