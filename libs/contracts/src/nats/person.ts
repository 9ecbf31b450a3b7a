import { type ApiVerb, actorName, apiSubject, apiVerbs, boardActor, readVerbs } from '../api.js';
import { operatorWordEvent } from '../events/operator-word.js';
import { operator } from '../questions.js';
import { inboxOf, type Permissions, services, tap, tapPermissions } from './permissions.js';

export interface Person {
  readonly name: string;
  /** The verbs that the person may say; reading is always allowed. Default: all. */
  readonly may?: readonly ApiVerb[];
  /** Whether the person may also do what the user tap may, as `k8sta watch` needs: give it only to people you trust. */
  readonly watches?: boolean;
}

/** The names of services, and of the users of deploy/ and of the board. */
const taken: readonly string[] = [...services, tap, operator, boardActor];

/**
 * Reads the history message by message. Without consumers, because JetStream delivers a consumer's messages to any subject
 * that its creator names: its creator could have stored words of others delivered again.
 */
const history = ['INFO', `STREAM.INFO.${operatorWordEvent.stream}`, `STREAM.MSG.GET.${operatorWordEvent.stream}`].map(
  (verb) => `$JS.API.${verb}`,
);

/** What a person's own NATS user may do. Throws a RangeError if the name cannot be one. */
export function personPermissions({ name, may = apiVerbs, watches = false }: Person): Permissions {
  if (taken.includes(name)) throw new RangeError(`the name "${name}" is taken by a user of K8sTA`);
  if (!actorName.safeParse(name).success) {
    throw new RangeError('the name of a user must be letters, digits and "-", at most 63');
  }
  const verbs = apiVerbs.filter((verb) => may.includes(verb) || (readVerbs as readonly ApiVerb[]).includes(verb));
  const speaks = verbs.map((verb) => apiSubject(name, verb));
  const inbox = `${inboxOf(name)}.>`;
  if (!watches) return { publish: [...speaks, ...history], subscribe: [inbox], answers: false };
  return { ...tapPermissions, publish: [...speaks, ...tapPermissions.publish], subscribe: ['k8sta.>', inbox] };
}
