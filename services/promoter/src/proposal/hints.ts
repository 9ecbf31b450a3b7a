import { type Bus, done, later, type Outcome, type Received } from '@k8sta/bus';
import { promotionId } from '@k8sta/contracts';
import { repositoryOf } from '../git/git.js';
import type { Delays } from '../promotion/delays.js';
import type { Proposals } from './proposals.js';

export interface HintsOptions {
  readonly bus: Pick<Bus, 'last'>;
  readonly proposals: Proposals;
  readonly delays: Delays;
  readonly isAllowed: (repository: string) => boolean;
}

/** How often a hint is followed where the forge has not finished what it announced. Then the request itself comes again. */
const maxTries = 6;

/** Follows the hints of forges that a pull request has changed. */
export class Hints {
  readonly #options: HintsOptions;

  constructor(options: HintsOptions) {
    this.#options = options;
  }

  /** Reads the request back by the name of its branch, and looks at its pull request at once. */
  async handle({ data, deliveries, sequence }: Received<'proposal.changed'>): Promise<Outcome> {
    const { bus, proposals, delays, isAllowed } = this.#options;
    const { track, station, ticket, attempt, part } = data;
    const tokens = { track, station, ticket, attempt: `${attempt}`, part: `${part}` };
    const proposed = await bus.last('promotion.proposed', tokens);
    if (!proposed) return done;
    const { request } = proposed.data;
    const repository = repositoryOf(request.repository, isAllowed);
    if (typeof repository === 'string') return done;
    const requested = { data: request, ...(proposed.traceparent && { traceparent: proposed.traceparent }) };
    // Asked last: several hints may have read the request back at the same time.
    if (proposals.isAboutToLook(promotionId(ticket, station, attempt), part)) return done;
    const outcome = await proposals.write({ requested, repository, deliveries, onNote: () => {} });
    if (outcome.is !== 'later') return outcome;
    await delays.hinted(requested, outcome, sequence);
    return outcome.isSoon && deliveries < maxTries ? later(outcome.delayMs, outcome.because) : done;
  }
}
