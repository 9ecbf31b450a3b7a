import { type Handler, later } from '@k8sta/bus';
import { Remotes } from './git/circuit-breaker.js';
import { repositoryOf } from './git/git.js';
import { refuse } from './part.js';
import { Delays } from './promotion/delays.js';
import { Lanes } from './promotion/lanes.js';
import { type Request, RequestedPart, type Surroundings } from './promotion/requested-part.js';
import { Turns, type Waiting } from './promotion/turns.js';

export interface HandlerOptions extends Surroundings {
  /** Whether this repository (by its normalised name) may be written to. */
  readonly isAllowed: (repository: string) => boolean;
}

/** Requests for one branch that wait here; more are handed back, so that a remote that hangs does not fill the service. */
const laneLimit = 128;

/** Handles `promotion.requested`: one part, one commit, one answer, however often it is delivered. */
export function requestHandler(options: HandlerOptions): Handler<'promotion.requested'> {
  const delays = new Delays(options);
  const remotes = new Remotes();
  const jitter = (ms: number) => Math.round(ms * (1 + options.random()));
  const turns = new Turns({ ...options, remotes, jitter });
  const lanes = new Lanes<Waiting>((waiting) => turns.take(waiting));

  const take = async (request: Request) => {
    const part = new RequestedPart(request, options);
    const repository = repositoryOf(request.repository, options.isAllowed);
    if (typeof repository === 'string') return part.fail(refuse('RepositoryNotAllowed', repository));
    // The same branch, named or not, is one lane.
    const lane = lanes.of(`${repository.name} ${request.branch ?? turns.defaultBranch(repository.name) ?? ''}`);
    if (lane.length >= laneLimit) {
      return later(jitter(500), remotes.lastFailure(repository.name) ?? 'many requests for this branch are waiting');
    }
    lane.add({ part, repository });
    return part.outcome;
  };

  return async (event) => {
    const outcome = await take(event.data);
    if (outcome.is === 'later') await delays.say(event, outcome);
    else delays.over(event.data);
    return outcome;
  };
}
