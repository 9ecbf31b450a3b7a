import { readFile } from 'node:fs/promises';
import type { Application } from './application.js';
import { mergePatch } from './merge-patch.js';

/** One write: `+ path: value`, `~ path: value` or `- path` for each field that it adds, changes or removes. */
export type Write = string[];

/** The states of an Application that a real Argo CD wrote; see fixtures/README.md. */
export async function readTrace(name: string): Promise<[Application, ...Application[]]> {
  const text = await readFile(new URL(`./fixtures/${name}.jsonl`, import.meta.url), 'utf8');
  const [first, ...patches] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const states = [first as Application];
  for (const patch of patches) states.push(mergePatch(states.at(-1), patch) as Application);
  return states as [Application, ...Application[]];
}

/**
 * What each state changes compared with the previous one. Times, commits and URLs are masked. The history is reduced to
 * its last entry. Successive events of the cluster count as one, because Argo CD may or may not merge them.
 */
export function writesOf(states: readonly Application[]): Write[] {
  const format = formatter();
  const kept = states.filter((state, index) => {
    const [before, after] = [states[index - 1], states[index + 1]];
    return !before || !after || !isEvent(before, state) || !isEvent(state, after);
  });
  return kept.slice(1).map((state, index) => differences(kept[index], state, '').map(format));
}

interface Difference {
  path: string;
  is: '+' | '~' | '-';
  value?: unknown;
}

const unrecorded = new Set(['resourceVersion', 'generation', 'uid', 'creationTimestamp', 'managedFields']);

function differences(before: unknown, after: unknown, path: string): Difference[] {
  if (!isPlain(before) || !isPlain(after)) {
    return JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)) ? [] : [{ path, is: '~', value: after }];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !unrecorded.has(key))
    .sort();
  return keys.flatMap((key): Difference[] => {
    const at = path === '' ? key : `${path}.${key}`;
    if (!(key in after)) return [{ path: at, is: '-' }];
    return key in before ? differences(before[key], after[key], at) : [{ path: at, is: '+', value: after[key] }];
  });
}

/** A change of the running state or of the pods that nothing else in the status shows. */
function isEvent(before: Application, after: Application): boolean {
  return differences(before, after, '').every(({ path }) => /^status\.(resources|summary)\b/.test(path));
}

function formatter(): ({ path, is, value }: Difference) => string {
  const commits: string[] = [];
  const mask = (text: string) =>
    text
      .replace(/\b[0-9a-f]{40}\b/g, (commit) => {
        if (!commits.includes(commit)) commits.push(commit);
        return `<commit ${commits.indexOf(commit) + 1}>`;
      })
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replace(/\b\d{1,2}:\d\d[AP]M\b/g, '<time of day>')
      .replace(/\/dev\/shm\/\d+/g, '/dev/shm/<number>')
      .replace(/"https?:[^"]*\.git"/g, '"<repository>"');
  return ({ path, is, value }) => {
    if (is === '-') return `- ${path}`;
    const shown = path === 'status.history' && Array.isArray(value) ? { ...value.at(-1), id: undefined } : value;
    return `${is} ${path}: ${mask(JSON.stringify(sorted(shown)))}`;
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
