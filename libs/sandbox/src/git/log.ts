import type { Author } from './fast-import.js';

export interface Commit {
  sha: string;
  parents: string[];
  author: Author;
  /** The first line of the message. */
  subject: string;
  /** The whole message, without the final newline. */
  message: string;
  /** The trailers of the message; if a name occurs twice, the last one counts. */
  trailers: Record<string, string>;
  /** The changed paths; empty for a merge. */
  files: string[];
}

const record = '\x1e';
const unit = '\x1f';
const format = [record, ...['%H', '%P', '%an', '%ae', '%s', '%B', '%(trailers:only=true,unfold=true)', ''].join(unit)];

/** Reads the history of a ref, oldest first. */
export async function parseLog(run: (...args: string[]) => Promise<string>, ref: string): Promise<Commit[]> {
  const text = await run(
    ...['-c', 'core.quotePath=false', 'log', '--reverse', '--topo-order', '--name-only'],
    ...[`--format=${format.join('')}`, ref, '--'],
  );
  return text.split(record).slice(1).map(parseCommit);
}

function parseCommit(text: string): Commit {
  const [sha = '', parents = '', name = '', email = '', subject = '', message = '', trailers = '', files = ''] =
    text.split(unit);
  return {
    sha,
    parents: lines(parents.replaceAll(' ', '\n')),
    author: { name, email },
    subject,
    message: message.trimEnd(),
    trailers: Object.fromEntries(lines(trailers).map(parseTrailer)),
    files: lines(files),
  };
}

function parseTrailer(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
