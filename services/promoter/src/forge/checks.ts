import { sanitizeLine } from '@k8sta/text';
import type { ChecksOf } from './forge.js';

/** One check, status or job of a commit. */
export interface Check {
  readonly name: string;
  readonly state: 'pending' | 'passed' | 'failed';
}

const maxNames = 20;

/** Our own statuses say what became of the commit. They are no opinion on it. */
const isOurs = (name: string) => name.startsWith('k8sta/');

/** What all checks of a commit say together: the worst of them. */
export function checksOf(all: readonly Check[]): ChecksOf {
  const others = all.filter(({ name }) => !isOurs(name));
  const named = (wanted: Check['state']) => {
    const names = others.filter(({ state }) => state === wanted).map(({ name }) => sanitizeLine(name, 100));
    return [...new Set(names)].slice(0, maxNames);
  };
  const [failed, pending] = [named('failed'), named('pending')];
  if (failed.length > 0) return { state: 'failed', names: [...failed, ...pending].slice(0, maxNames) };
  if (pending.length > 0) return { state: 'pending', names: pending };
  return { state: others.length > 0 ? 'passed' : 'none', names: [] };
}
