import { type Handler, later } from '@k8sta/bus';
import { Delays } from './delays.js';
import { type RepositoryAt, repositoryOf } from './git.js';
import { Lanes } from './lanes.js';
import { refuse } from './part.js';
import { type Request, RequestedPart, type Surroundings } from './promote.js';
import { Remotes } from './remotes.js';
import { answerEach, postpone, promoteTogether } from './together.js';
import { RemoteFault } from './worker-process.js';

export interface HandlerOptions extends Surroundings {
  /** Whether this repository (by its normalised name) may be written to. */
  readonly isAllowed: (repository: string) => boolean;
}

/** Requests for one branch that wait here; more are handed back, so that a remote that hangs does not fill the service. */
const laneLimit = 128;

/** Commits in one push at most. Half as many after a lost race: what takes longer to make is overtaken more easily. */
const togetherLimit = 32;

interface Waiting {
  readonly part: RequestedPart;
  readonly repository: RepositoryAt;
}

/** Handles `promotion.requested`: one part, one commit, one answer, however often it is delivered. */
export function requestHandler(options: HandlerOptions): Handler<'promotion.requested'> {
  const { now, random } = options;
  const delays = new Delays(options);
  const remotes = new Remotes();
  // Learnt from the plans, so that the same branch, named or not, is one lane.
  const defaults = new Map<string, string>();
  /** Of branches on which a race was lost, how many commits the next push may have. */
  const limits = new Map<string, number>();
  const jitter = (ms: number) => Math.round(ms * (1 + random()));

  const turn = async (waiting: Waiting[]): Promise<Waiting[]> => {
    const [first] = waiting;
    if (!first) return [];
    const { repository } = first;
    const away = remotes.away(repository.name, now());
    const open = await answerEach(
      waiting.map(({ part }) => part),
      (part) => part.giveUp(remotes.lastFailure(repository.name)),
    );
    if (away) postpone(open, () => jitter(away.pauseMs), away.why);
    const key = `${repository.name} ${open[0]?.branch ?? ''}`;
    const limit = limits.get(key) ?? togetherLimit;
    const together = choose(open, limit);
    const unnamed = together.filter(({ branch }) => branch === undefined);
    const staying = new Set(open.filter((part) => !together.includes(part)));
    try {
      if (!away && together.length > 0) {
        const lost = await promoteTogether(repository, together, options);
        for (const part of lost) staying.add(part);
        if (lost.length > 0) limits.set(key, Math.max(1, Math.floor(together.length / 2)));
        else if (limit < togetherLimit) limits.set(key, limit * 2);
        else limits.delete(key);
        for (const { plan } of unnamed) if (plan) defaults.set(repository.name, plan.branch);
        remotes.answered(repository.name);
      }
    } catch (error) {
      if (!(error instanceof RemoteFault)) for (const part of together) part.reject(error as Error);
      else {
        const pauseMs = remotes.failed(repository.name, error.message, now());
        postpone(together, () => jitter(pauseMs), error.message);
      }
    }
    return waiting.filter(({ part }) => staying.has(part) && !part.isAnswered);
  };
  const lanes = new Lanes(turn);

  const take = async (request: Request) => {
    const part = new RequestedPart(request, options);
    const repository = repositoryOf(request.repository, options.isAllowed);
    if (typeof repository === 'string') return part.fail(refuse('RepositoryNotAllowed', repository));
    const lane = lanes.of(`${repository.name} ${request.branch ?? defaults.get(repository.name) ?? ''}`);
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

/** The parts that go out in the next push: those of one branch, or one whose push has to be seen alone. */
function choose(parts: readonly RequestedPart[], limit: number): RequestedPart[] {
  const [first] = parts;
  if (!first) return [];
  if (first.isAlone) return [first];
  return parts.filter(({ branch, isAlone }) => branch === first.branch && !isAlone).slice(0, limit);
}
