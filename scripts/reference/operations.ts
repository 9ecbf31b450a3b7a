import { readFileSync } from 'node:fs';
import {
  apiRefusals,
  promotionFailures,
  type ReasonText,
  supersedeReasons,
  ticketFailures,
  trackFindings,
  waitReasons,
} from '@k8sta/contracts';
import { boardRefusals } from '../../services/board/src/http/refusals.js';
import { code, table } from './table.js';

/** The `status` of HTTP, where the reason has one. */
type Reasons = Readonly<Record<string, ReasonText & { readonly status?: number }>>;

const tables: Record<string, Reasons> = {
  waits: waitReasons,
  failures: ticketFailures,
  superseded: supersedeReasons,
  refusals: promotionFailures,
  findings: trackFindings,
  words: apiRefusals,
  board: boardRefusals,
};

/** docs/operations.md with its tables of reasons filled in from the catalogue; the rest of the page is written by hand. */
export function operationsReference(): string {
  const written = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  return Object.entries(tables).reduce((text, [name, reasons]) => {
    const [begin, end] = [`<!-- reasons: ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/operations.md has no "${begin}" and "${end}"`);
    return `${text.slice(0, from)}${begin}\n\n${reasonTable(reasons)}\n\n${text.slice(to)}`;
  }, written);
}

function reasonTable(reasons: Reasons): string {
  const hasStatus = Object.values(reasons).some(({ status }) => status !== undefined);
  return table(
    [...(hasStatus ? ['status'] : []), code('reason'), 'what it means', 'what to do'],
    Object.entries(reasons).map(([reason, { status, means, action }]) => [
      ...(hasStatus ? [String(status)] : []),
      ...[code(reason), means, action],
    ]),
  );
}
