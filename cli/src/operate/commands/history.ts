import type { Command } from 'commander';
import { asOperator, type Flags } from '../connect.js';
import { exitCodes, runCommand, UsageError } from '../exit-code.js';
import { moment, print, table } from '../output.js';
import { splitPlace } from '../place.js';
import { addOperatingFlags, examples } from '../speak.js';
import { type Entry, entriesOf, short } from '../story.js';

export function addHistory(program: Command): void {
  const command = program
    .command('history')
    .description('show what ran where, when, from which commit and by whose word, as the bus has recorded it')
    .argument('<place>', 'a Track, or a Station as <track>/<station>')
    .option('--since <duration>', 'how far back, such as 7d', '30d')
    .option('--all', 'everything that happened, also every wait');
  examples(command, 'history storefront/prod', 'history storefront --since 7d -o json');
  addOperatingFlags(command).action((place: string) => {
    const flags = command.opts() as Flags;
    return runCommand(async () => {
      const { track, station } = splitPlace(place);
      const start = new Date(Date.now() - (await sinceMs(String(flags['since']))));
      return asOperator(flags, async ({ tap }) => {
        const entries = historyOf(await entriesOf(tap, track, start), { station, isWhole: flags['all'] === true });
        print(flags['output'], entries, () => show(entries, place));
        return exitCodes.done;
      });
    });
  });
}

async function sinceMs(text: string): Promise<number> {
  const { parseDuration } = await import('@k8sta/tracks');
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? [];
  const ms = days === undefined ? parseDuration(text) : Number(days) * 86_400_000;
  if (ms === undefined) throw new UsageError(`--since "${text}" is not a duration such as 12h or 7d`);
  return ms;
}

/** What changed what runs, or was said about it. */
const decisive = new Set(['arrived', 'failed', 'cancelled', 'committed', 'already in Git']);
/** The words about a Ticket are told with its arrivals; these are about a Track or a Station. */
const placeWords = new Set(['pause', 'resume', 'rollback']);

interface Choice {
  readonly station: string | undefined;
  readonly isWhole: boolean;
}

/** The entries of the Track, or of one Station, each with those by whose words it happened. */
function historyOf(entries: readonly Entry[], { station, isWhole }: Choice): Entry[] {
  const words = new Map<string, string[]>();
  const images = new Map<string, string>();
  const told: Entry[] = [];
  for (const entry of entries) {
    const { ticket, what, by, image } = entry;
    if (ticket !== undefined && image !== undefined) images.set(ticket, image);
    const isWord = by !== undefined && !decisive.has(what) && what !== 'superseded';
    if (ticket !== undefined && isWord) {
      words.set(ticket, [...(words.get(ticket) ?? []), what === 'opened' ? by : `${what} by ${by}`]);
    }
    const isHere = station === undefined || entry.station === station || entry.station === undefined;
    if (!isHere || !(isWhole || decisive.has(what) || placeWords.has(what))) continue;
    const known = ticket === undefined ? undefined : images.get(ticket);
    const whose = by ?? (ticket === undefined ? undefined : words.get(ticket)?.join(', '));
    told.push({ ...entry, ...(known && { image: known }), ...(whose && { by: whose }) });
  }
  return told;
}

function show(entries: readonly Entry[], place: string): string {
  if (entries.length === 0) return `the bus holds nothing about ${place}\n`;
  const rows = entries.map(({ time, station = '-', what, image = '-', commits = [], by = '-', reason, message }) => [
    ...[moment(time), station, what, image, commits.map(short).join(' ') || '-', by],
    [reason && `(${reason})`, message].filter(Boolean).join(' '),
  ]);
  return table(['TIME', 'STATION', 'WHAT', 'IMAGE', 'COMMIT', 'BY', 'WHY'], rows);
}
