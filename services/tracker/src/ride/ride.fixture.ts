import { type DataOf, type OperatorWord, type PromotionFailure, ticketId } from '@k8sta/contracts';
import { type Answer, DecidedTrack } from './decided-track.fixture.js';
import type { RelationOf, TrackEvent } from './event.js';
import { repository } from './track.fixture.js';

export { anApplication, sha, started } from '../arrival/application.fixture.js';
export { aTrack, policy, repository } from './track.fixture.js';

type Observed = DataOf<'application.observed'>;
type WordOf<Verb> = Omit<Extract<OperatorWord, { verb: Verb }>, 'verb' | 'track' | 'by' | 'at'> & { by?: string };

/** A Track in a test, and what may happen to it: pushes, words of operators, observations, answers of the promoter. */
export class TestTrack extends DecidedTrack {
  /** The last word's place in the stream. */
  sequence = 1_000;

  push(
    tag: string,
    { pushedAt = this.now, sequence = 1, ...more }: { pushedAt?: Date; sequence?: number } & Push = {},
  ): TrackEvent[] {
    const { digest, attempt, parent, image: other = repository } = more;
    const image = { repository: other, tag, ...(digest && { digest }) };
    const ticket = ticketId('storefront', image, attempt);
    const about = { image, sender: 'dockerhub', pushedAt: pushedAt.toISOString() };
    const data = { ticket, track: 'storefront', ...about, ...(attempt && { attempt }), ...(parent && { parent }) };
    return this.take({ type: 'open', data, sequence, receivedAt: this.now.toISOString() });
  }

  /** An operator says a word; alice, unless the test names another. */
  say<Verb extends OperatorWord['verb']>(
    verb: Verb,
    word: WordOf<Verb>,
    { sequence = ++this.sequence, receivedAt = this.now.toISOString() } = {},
  ): TrackEvent[] {
    const data = { track: 'storefront', verb, by: 'alice', at: receivedAt, ...word } as DataOf<'operator.word'>;
    return this.take({ type: 'word', data, sequence, receivedAt });
  }

  approve(tag: string, station: string, by = 'alice'): TrackEvent[] {
    return this.say('approve', { ticket: this.id(tag), station, by });
  }

  cancel(tag: string, message = 'not today'): TrackEvent[] {
    return this.say('cancel', { ticket: this.id(tag), message });
  }

  /** Up to and including the Station; without one to the end. */
  express(tag: string, station?: string): TrackEvent[] {
    return this.say('express', { ticket: this.id(tag), message: 'hotfix', ...(station !== undefined && { station }) });
  }

  report(tag: string, station: string, name: string, outcome: 'passed' | 'failed', by = 'ci'): TrackEvent[] {
    return this.say('check', { ticket: this.id(tag), station, name, outcome, by });
  }

  pause(station?: string): TrackEvent[] {
    return this.say('pause', { message: 'freeze', ...(station !== undefined && { station }) });
  }

  resume(station?: string): TrackEvent[] {
    return this.say('resume', station === undefined ? {} : { station });
  }

  /** A Ticket of its own, as its second attempt: the first has ended. */
  promote(tag: string, station?: string): TrackEvent[] {
    return this.say('promote', { image: { repository, tag }, attempt: 2, ...(station !== undefined && { station }) });
  }

  rollback(station: string, tag: string): TrackEvent[] {
    return this.say('rollback', { station, image: { repository, tag }, attempt: 2 });
  }

  observe(...applications: Observed[]): TrackEvent[] {
    return applications.flatMap((data) => this.take({ type: 'observed', data }));
  }

  /** The watcher confirms that its observations are current now. */
  current(): TrackEvent[] {
    this.currentAsOf = { default: this.now.toISOString() };
    return this.tick();
  }

  /** The promoter commits the given part of the Ticket's promotion; `before` is what the files named before. */
  commit(
    tag: string,
    commit: string,
    part = 0,
    before?: string,
    merge: Pick<DataOf<'promotion.committed'>, 'mergedBy' | 'proposal'> = {},
  ): TrackEvent[] {
    const request = this.promotion(tag).parts[part]?.request;
    if (!request) throw new Error(`${tag} has requested no such part`);
    const { promotion, ticket, track, station, repository: url } = request;
    return this.take({
      type: 'committed',
      data: {
        promotion,
        part,
        ticket,
        track,
        station,
        repository: url,
        branch: 'refs/heads/main',
        revision: commit,
        commit,
        committedAt: this.now.toISOString(),
        ...merge,
        applications: request.applications.map(({ namespace, name, sources: [source] }) => ({
          namespace,
          name,
          file: `${source?.path}/kustomization.yaml`,
          outcome: 'edited' as const,
          ...(before !== undefined && { before }),
        })),
      },
    });
  }

  /** The promoter opens a pull request for the given part of the Ticket's promotion. */
  propose(tag: string, number = 7, part = 0): TrackEvent[] {
    const request = this.promotion(tag).parts[part]?.request;
    if (!request) throw new Error(`${tag} has requested no such part`);
    const { promotion, ticket, track, station, repository: url } = request;
    const at = { repository: url, branch: 'refs/heads/main', head: 'refs/heads/k8sta/x', commit: 'a'.repeat(40) };
    const proposal = { provider: 'github' as const, number, url: `https://git.test/pull/${number}` };
    const data = { promotion, part, ticket, track, station, ...at, ...proposal, request };
    return this.take({ type: 'proposed', data: { ...data, proposedAt: this.now.toISOString() } });
  }

  /** The promoter says what is missing for the given part. */
  delay(tag: string, message: string, part = 0): TrackEvent[] {
    const { id: promotion, station } = this.promotion(tag);
    const head = { promotion, part, ticket: this.id(tag), track: 'storefront', station };
    const retryAt = this.now.toISOString();
    return this.take({ type: 'delayed', data: { ...head, message, attempt: 1, retryAt } });
  }

  /** The promoter refuses the given part of the Ticket's promotion. */
  refuse(tag: string, reason: PromotionFailure, message: string, part = 0): TrackEvent[] {
    const { id: promotion, station, parts } = this.promotion(tag);
    const { issue } = parts[part]?.request ?? {};
    const head = { promotion, part, issue, ticket: this.id(tag), track: 'storefront', station };
    return this.take({ type: 'failed', data: { ...head, reason, message, failedAt: this.now.toISOString() } });
  }

  /** The promoter answers how the Application's revision relates to the Ticket's commit. */
  answer(
    tag: string,
    application: string,
    revision: string,
    answer: Answer,
    of: RelationOf = 'relation',
  ): TrackEvent[] {
    const promotion = this.live(tag).promotion?.id ?? '';
    const relation = { revision, answer, askedAt: this.now.toISOString() };
    return this.take({
      ...{ type: 'answered', ticket: this.id(tag), promotion, application: `argocd/${application}` },
      ...{ of, relation },
    });
  }
}

/** A push that differs from the first one of a tag. */
interface Push {
  readonly digest?: string;
  readonly attempt?: number;
  readonly parent?: DataOf<'ticket.opened'>['parent'];
  /** Another repository than that of the tests. */
  readonly image?: string;
}

export const idOf = (tag: string): string => ticketId('storefront', { repository, tag });

export const types = (events: TrackEvent[]): string[] => events.map(({ type }) => type);
