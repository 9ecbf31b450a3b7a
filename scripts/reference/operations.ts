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

const tables: Record<string, Record<string, ReasonText>> = {
  waits: waitReasons,
  failures: ticketFailures,
  superseded: supersedeReasons,
  refusals: promotionFailures,
  findings: trackFindings,
  words: apiRefusals,
};

/** docs/operations.md with its tables of reasons filled in from the catalogue; the rest of the page is written by hand. */
export function operationsReference(): string {
  const written = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  return Object.entries(tables).reduce((text, [name, reasons]) => {
    const [begin, end] = [`<!-- reasons: ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/operations.md has no "${begin}" and "${end}"`);
    return `${text.slice(0, from)}${begin}\n\n${table(reasons)}\n\n${text.slice(to)}`;
  }, written);
}

function table(reasons: Record<string, ReasonText>): string {
  const rows = Object.entries(reasons).map(([code, { means, action }]) => `| \`${code}\` | ${means} | ${action} |`);
  return ['| `reason` | what it means | what to do |', '|---|---|---|', ...rows].join('\n');
}
