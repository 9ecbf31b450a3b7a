import { z } from 'zod';
import type { ReasonText } from './reasons.js';

/** Why a Ticket was superseded. Bounded: the codes are also metric labels. */
export const supersedeReasons = {
  NewerTicket: {
    means: 'A newer Ticket of its lane takes its place.',
    action: 'Nothing; the message names it.',
  },
  GaveWay: {
    means: 'The Ticket was in trouble at a Station, or had to wait for a person there, and a newer one took its place.',
    action: 'Look at the newer Ticket; the message says what this one waited for.',
  },
  LowerVersion: {
    means: 'The Station already has a higher version of the image.',
    action: 'Nothing. To go back to this version, an operator promotes it (`k8sta promote`).',
  },
  Displaced: {
    means: 'An operator let another Ticket pass (`k8sta express`).',
    action: 'Nothing; the message names the Ticket and the operator.',
  },
} as const satisfies Record<string, ReasonText>;

export type SupersedeReason = keyof typeof supersedeReasons;
export const supersedeReason = z.enum(Object.keys(supersedeReasons) as [SupersedeReason, ...SupersedeReason[]]);
