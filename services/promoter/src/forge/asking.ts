import { formatIssues } from '@k8sta/text';
import { z } from 'zod';
import { ForgeFault } from './forge.js';
import { Refusal } from './refusal.js';

/** What a token is needed for. Each forge names the scopes for each of them. */
export type Need = 'read' | 'propose' | 'merge' | 'checks' | 'statuses' | 'deployments';

export interface Asked {
  /** `GitHub` */
  readonly name: string;
  /** The path of the repository. */
  readonly repository: string;
  /** Words for people, such as `"Pull requests: write"`. */
  readonly scopes: Readonly<Record<Need, string>>;
}

/** Parses what a forge answers, and says in words why it refuses. */
export class Asking {
  readonly #asked: Asked;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** The answer. Throws a {@link ForgeFault}. */
  async ask<Answer>(need: Need, schema: z.ZodType<Answer>, call: () => Promise<unknown>): Promise<Answer> {
    const answer = await this.tryTo(need, [], schema, call);
    if (answer instanceof Refusal) throw this.fault(answer, need);
    return answer;
  }

  /** The answer, or a refusal with one of the expected statuses. Throws a {@link ForgeFault} for another. */
  async tryTo<Answer>(
    need: Need,
    expected: readonly number[],
    schema: z.ZodType<Answer>,
    call: () => Promise<unknown>,
  ): Promise<Answer | Refusal> {
    let answer: unknown;
    try {
      answer = await call();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (expected.includes(error.status)) return error;
      throw this.fault(error, need);
    }
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const { name, repository } = this.#asked;
    throw new ForgeFault(`${name} answered for ${repository} what is not in its API: ${formatIssues(parsed.error)}`);
  }

  /**
   * The answer; undefined if the repository has no such thing. A forge also answers 404 for a repository that the token may not
   * see, so `repository` is asked then. Throws a {@link ForgeFault}.
   */
  async askIfThere<Answer>(
    schema: z.ZodType<Answer>,
    call: () => Promise<unknown>,
    repository: () => Promise<unknown>,
  ): Promise<Answer | undefined> {
    const answer = await this.tryTo('read', [404], schema, call);
    if (!(answer instanceof Refusal)) return answer;
    await this.ask('read', z.unknown(), repository);
    return undefined;
  }

  fault({ status, said, accepted }: Refusal, need: Need): ForgeFault {
    const { name, repository, scopes } = this.#asked;
    const quoted = said === '' ? '' : ` (${said})`;
    const answered = `${name} answered ${status} for ${repository}`;
    if (status === 401) {
      // GitLab answers 401 to a token that may not merge.
      const or = need === 'merge' ? `, or the token lacks ${scopes.merge}` : '';
      return new ForgeFault(`${answered}: it does not accept the token${or}${quoted}`, { needsPerson: true });
    }
    if (status !== 403 && status !== 404) return new ForgeFault(`${answered}${quoted}`);
    const needs = accepted === '' ? '' : `; ${name} asks for ${accepted}`;
    const where = status === 404 ? 'the repository does not exist there, or the token lacks' : 'the token lacks';
    return new ForgeFault(`${answered}: ${where} ${scopes[need]}${needs}${quoted}`, { needsPerson: true });
  }
}
