import { sanitizeLine } from '@k8sta/text';
import { judge } from '../arrival/judge.js';
import type { Verdict } from '../arrival/verdict.js';
import { evidenceOf, promotedBy } from './evidence.js';
import type { Moment, Policy } from './policy.js';
import type { Promotion, TrackState } from './state.js';

/** The maximum length of the message about one Application: it quotes Argo CD and the manifests. */
const messageLimit = 2_000;

/** The verdict on each Application that still belongs to the promotion, by `namespace/name`. */
export function verdictsOn(
  state: TrackState,
  promotion: Promotion,
  moment: Moment,
  policy: Policy,
): [application: string, Verdict][] {
  return promotedBy(promotion)
    .filter(({ key }) => promotion.applications[key]?.left === undefined)
    .map((promoted) => {
      const verdict = judge(evidenceOf(state, promotion, promoted, moment), moment.now, policy);
      const bounded =
        'message' in verdict ? { ...verdict, message: sanitizeLine(verdict.message, messageLimit) } : verdict;
      return [promoted.key, bounded];
    });
}

/** When time alone may change one of these verdicts. */
export function timesOf(verdicts: readonly (readonly [string, Verdict])[]): number[] {
  return verdicts.flatMap(([, verdict]) => ('until' in verdict && verdict.until !== undefined ? [verdict.until] : []));
}
