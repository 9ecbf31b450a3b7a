import type { Context } from 'koa';
import type { Person } from './person.js';

/** How the board knows who asks. */
export interface Access {
  /** How a person signs in; undefined if nobody can. */
  readonly signIn: 'oidc' | 'proxy' | undefined;
  person(context: Context): Promise<Person | undefined>;
}

export const nobody: Access = { signIn: undefined, person: async () => undefined };
