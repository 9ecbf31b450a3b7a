import type { Handler, Outcome, Received } from '@k8sta/bus';
import { CircuitBreaker } from './git/circuit-breaker.js';
import { repositoryOf } from './git/git.js';
import { refuse } from './part.js';
import { Delays } from './promotion/delays.js';
import { DirectCommits } from './promotion/direct-commits.js';
import { PartEvents } from './promotion/part-events.js';
import type { TurnsOptions } from './promotion/turns.js';
import type { WriteStrategy } from './promotion/write-strategy.js';
import { Hints } from './proposal/hints.js';
import { Proposals, type ProposalsOptions } from './proposal/proposals.js';

type Made = 'breaker' | 'jitter' | 'limit';

export interface HandlerOptions extends Omit<TurnsOptions, Made>, Omit<ProposalsOptions, Made | keyof TurnsOptions> {
  readonly bus: ProposalsOptions['bus'];
  readonly git: TurnsOptions['git'] & ProposalsOptions['git'];
  /** Whether the promoter may write to the repository with this normalised name. */
  readonly isAllowed: (repository: string) => boolean;
  /** From 0 to 1, to spread retries. */
  readonly random: () => number;
}

/** What the promoter does with the events that it consumes. */
export interface Handlers {
  /** One part, one commit, one answer, however often it is delivered. */
  readonly requested: Handler<'promotion.requested'>;
  /** A hint of a forge: looks at the pull request at once. */
  readonly proposalChanged: Handler<'proposal.changed'>;
}

export function createHandlers(options: HandlerOptions): Handlers {
  const delays = new Delays(options);
  const breaker = new CircuitBreaker();
  const jitter = (ms: number) => Math.round(ms * (1 + options.random()));
  const directCommits = new DirectCommits({ ...options, breaker, jitter });
  const proposals = new Proposals({ ...options, breaker, jitter });
  const hints = new Hints({ ...options, proposals, delays });

  const write = (event: Received<'promotion.requested'>): Promise<Outcome> => {
    const { data: request, deliveries } = event;
    const repository = repositoryOf(request.repository, options.isAllowed);
    if (typeof repository === 'string') {
      return new PartEvents(event, options).fail(refuse('RepositoryNotAllowed', repository));
    }
    // Those that wait for a pull request are in no lane: they delay no direct commit.
    const strategy: WriteStrategy = request.write?.pullRequest ? proposals : directCommits;
    // A note that cannot be published must not fail the part.
    const onNote = (note: string) => void delays.note(event, note).catch(() => {});
    return strategy.write({ requested: event, repository, deliveries, onNote });
  };

  return {
    async requested(event) {
      const outcome = await write(event);
      if (outcome.is === 'later') await delays.publish(event, outcome);
      else delays.answered(event.data);
      return outcome;
    },
    proposalChanged: (event) => hints.handle(event),
  };
}
