import { type Handler, later } from '@k8sta/bus';
import { CircuitBreaker } from './git/circuit-breaker.js';
import { repositoryOf } from './git/git.js';
import { refuse } from './part.js';
import { Delays } from './promotion/delays.js';
import { Lanes } from './promotion/lanes.js';
import { type PromotionContext, type Requested, RequestedPart } from './promotion/requested-part.js';
import { Turns, type Waiting } from './promotion/turns.js';

export interface HandlerOptions extends PromotionContext {
  /** Whether the promoter may write to the repository with this normalised name. */
  readonly isAllowed: (repository: string) => boolean;
  /** From 0 to 1, to spread retries. */
  readonly random: () => number;
}

/** The most requests that wait for one branch. More are handed back to the bus: a remote that hangs must not fill us. */
const laneLimit = 128;

/** Handles `promotion.requested`: one part, one commit, one answer, however often it is delivered. */
export function requestHandler(options: HandlerOptions): Handler<'promotion.requested'> {
  const delays = new Delays(options);
  const breaker = new CircuitBreaker();
  const jitter = (ms: number) => Math.round(ms * (1 + options.random()));
  const turns = new Turns({ ...options, breaker, jitter });
  const lanes = new Lanes<Waiting>((waiting) => turns.take(waiting));

  const promote = async (requested: Requested, onNote: (note: string) => void) => {
    const part = new RequestedPart(requested, options, onNote);
    const { data: request } = requested;
    const repository = repositoryOf(request.repository, options.isAllowed);
    if (typeof repository === 'string') return part.fail(refuse('RepositoryNotAllowed', repository));
    // A request without a branch shares the lane of the default branch.
    const lane = lanes.of(`${repository.name} ${request.branch ?? turns.defaultBranch(repository.name) ?? ''}`);
    if (lane.length >= laneLimit) {
      return later(jitter(500), breaker.lastFailure(repository.name) ?? 'many requests for this branch are waiting');
    }
    lane.add({ part, repository });
    return part.outcome;
  };

  return async (event) => {
    // A note that cannot be published must not fail the part.
    const outcome = await promote(event, (note) => void delays.note(event, note).catch(() => {}));
    if (outcome.is === 'later') await delays.publish(event, outcome);
    else delays.answered(event.data);
    return outcome;
  };
}
