import { type Notice, summaryOf } from '../notice.js';
import { needsPerson } from './needs-person.js';
import type { Rule } from './rule.js';

/** The notice with the items that the rule selects; undefined if it selects none. */
function select(rule: Rule, notice: Notice): Notice | undefined {
  const { type, track, verb } = notice;
  if (type === 'ticket.promoting' || !rule.events.has(type)) return undefined;
  if (rule.tracks && (track === undefined || !rule.tracks(track))) return undefined;
  if (type === 'operator.word' && rule.verbs && !rule.verbs.has(verb ?? '')) return undefined;
  const items = notice.items.filter(({ station, reason }) => {
    if (rule.stations && (station === undefined || !rule.stations(station))) return false;
    return hasReason(rule, type, reason);
  });
  if (items.length === 0) return undefined;
  return type === 'track.checked' ? { ...notice, ...summaryOf(items) } : { ...notice, items };
}

function hasReason({ reasons }: Rule, type: Notice['type'], reason: string | undefined): boolean {
  // Words and good news have no reason; a list of reasons is about those that have one.
  if (reason === undefined) return true;
  if (reasons) return reasons.has(reason);
  return type !== 'ticket.waiting' || needsPerson.has(reason);
}

/** The first rule that sends the notice to this receiver decides what is sent. */
export interface Selected {
  readonly rule: Rule;
  readonly notice: Notice;
}

export function selectFor(rules: readonly Rule[], receiver: string, notice: Notice): readonly Selected[] {
  return rules.flatMap((rule) => {
    const selected = rule.to.includes(receiver) ? select(rule, notice) : undefined;
    return selected ? [{ rule, notice: selected }] : [];
  });
}
