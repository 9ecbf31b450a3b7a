import type { Notice } from './notice.js';
import { isSent, noRecord, type Record, settled } from './record.js';

/** What a receiver can do with a message that it has. */
export interface Abilities {
  /** It can change it: there is one message for each thread, which always shows the newest notice. */
  readonly edits: boolean;
  /** It can reply to it. */
  readonly replies: boolean;
}

export type How =
  /** A new message. */
  | 'post'
  /** The message of the thread, changed; nobody is alerted. */
  | 'edit'
  /** As `edit` where the receiver can, and a reply that alerts people. */
  | 'reply';

export type Decision =
  | { readonly is: 'nothing'; readonly record?: Record }
  /** Another replica, or another event of the thread, is sending. */
  | { readonly is: 'later'; readonly until: number }
  /** `isRepeat`: a message for this event may have been sent before. Store `record` first. */
  | { readonly is: 'send'; readonly how: How; readonly isRepeat: boolean; readonly record: Record };

export interface Situation {
  readonly notice: Notice;
  /** Whether a rule selects the notice. Otherwise it only brings a message up to date. */
  readonly isSelected: boolean;
  readonly record: Record | undefined;
  readonly abilities: Abilities;
  /** How long an intent keeps others from sending, in milliseconds: longer than sending can take. */
  readonly leaseMs: number;
}

/** What to send about a notice to one receiver. */
export function decide({ notice, isSelected, record, abilities, leaseMs }: Situation, now: Date): Decision {
  const known = record ?? noRecord;
  const { intent } = known;
  const isRepeat = intent?.id === notice.id;
  const isOvertaken = abilities.edits && notice.sequence < known.newest;
  if (isSent(known, notice.sequence) || (isOvertaken && !isRepeat)) return { is: 'nothing' };
  const leaseEnds = intent ? Date.parse(intent.at) + leaseMs : 0;
  if (leaseEnds > now.getTime()) return { is: 'later', until: leaseEnds };
  const how = isSelected ? howSelected(notice, known, abilities) : howOther(notice, known, abilities);
  if (how !== undefined) {
    const intended = { ...known, intent: { id: notice.id, at: now.toISOString() } };
    return { is: 'send', how, isRepeat, record: intended };
  }
  if (isSelected) return { is: 'nothing', record: settled(known, notice) };
  // The wait is over: if it begins again, that is a new occasion.
  if (known.ref && notice.sequence > known.newest) {
    return { is: 'nothing', record: { ...known, newest: notice.sequence, occasion: notice.occasion } };
  }
  return { is: 'nothing' };
}

function howSelected(notice: Notice, { ref, occasion }: Record, { edits, replies }: Abilities): How | undefined {
  const isSame = occasion === notice.occasion;
  if (ref === undefined) return 'post';
  if (edits) return isSame || notice.mood === 'news' ? 'edit' : 'reply';
  if (isSame) return undefined;
  return replies ? 'reply' : 'post';
}

function howOther(notice: Notice, { ref, occasion }: Record, { edits }: Abilities): How | undefined {
  return ref !== undefined && edits && occasion !== notice.occasion ? 'edit' : undefined;
}
