import { readFile } from 'node:fs/promises';
import { fileReason } from '@k8sta/text';
import { type Fault, formatFault } from '@k8sta/tracks';
import { type ParseOptions, parseRules } from './parse.js';
import type { Rules } from './rule.js';

/** All faults of the rules file. */
class RulesError extends Error {
  override readonly name = 'RulesError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const count = `${faults.length} fault${faults.length === 1 ? '' : 's'}`;
    super(`the rules file has ${count}:\n  ${faults.map(formatFault).join('\n  ')}`);
    this.faults = faults;
  }
}

/** Loads the rules file. Throws a {@link RulesError} that lists all faults. */
export async function loadRules(path: string, options: ParseOptions): Promise<Rules> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RulesError([{ file: path, message: `cannot be read: ${fileReason(error)}` }]);
  });
  const parsed = parseRules(path, text, options);
  if ('faults' in parsed) throw new RulesError(parsed.faults);
  return parsed.rules;
}
