import { type Handler, later, type Outcome } from '@k8sta/bus';
import { Delays } from './delays.js';
import { type Git, repositoryOf } from './git.js';
import { Lanes } from './lanes.js';
import { refuse } from './part.js';
import { type Request, RequestedPart, type Surroundings } from './promote.js';
import { Remotes } from './remotes.js';
import { RemoteFault } from './worker-process.js';

export interface HandlerOptions extends Surroundings {
  /** Whether this repository (by its normalised name) may be written to. */
  readonly isAllowed: (repository: string) => boolean;
}

/** Requests for one branch that wait here; more are handed back, so that a remote that hangs does not fill the service. */
const laneLimit = 32;

/** Handles `promotion.requested`: one part, one commit, one answer, however often it is delivered. */
export function requestHandler(options: HandlerOptions): Handler<'promotion.requested'> {
  const { now, random } = options;
  const delays = new Delays(options);
  const lanes = new Lanes();
  const remotes = new Remotes();
  // Learnt from the plans, so that the same branch, named or not, is one lane.
  const defaults = new Map<string, string>();
  const git: Git = {
    ...options.git,
    async plan(repository, part) {
      const plan = await options.git.plan(repository, part);
      if (part.branch === undefined && 'branch' in plan) defaults.set(repository.name, plan.branch);
      return plan;
    },
  };
  const jitter = (ms: number) => Math.round(ms * (1 + random()));

  const take = async (request: Request): Promise<Outcome> => {
    const part = new RequestedPart(request, { ...options, git });
    const repository = repositoryOf(request.repository, options.isAllowed);
    if (typeof repository === 'string') return part.fail(refuse('RepositoryNotAllowed', repository));
    const lane = lanes.of(`${repository.name} ${request.branch ?? defaults.get(repository.name) ?? ''}`);
    if (lane.length >= laneLimit) {
      return later(jitter(500), remotes.lastFailure(repository.name) ?? 'many requests for this branch are waiting');
    }

    return lane.run(async (): Promise<Outcome> => {
      const away = remotes.away(repository.name, now());
      const given = await part.giveUp(remotes.lastFailure(repository.name));
      if (given) return given;
      if (away) return later(part.untilDeadline(jitter(away.pauseMs)), away.why);
      try {
        const outcome = await part.promote(repository);
        remotes.answered(repository.name);
        return outcome;
      } catch (error) {
        if (!(error instanceof RemoteFault)) throw error;
        const pauseMs = remotes.failed(repository.name, error.message, now());
        return later(part.untilDeadline(jitter(pauseMs)), error.message);
      }
    });
  };

  return async (event) => {
    const outcome = await take(event.data);
    if (outcome.is === 'later') await delays.say(event, outcome);
    else delays.over(event.data);
    return outcome;
  };
}
