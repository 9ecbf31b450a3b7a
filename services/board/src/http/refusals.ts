import type { ReasonText } from '@k8sta/contracts';
import type { Context } from 'koa';

interface Refusal extends ReasonText {
  /** Of HTTP. */
  readonly status: number;
}

/** Why the board itself refuses a request. docs/operations.md is generated from these. */
const refusals = {
  RequestInvalid: {
    status: 400,
    means: 'The body is not the JSON of such a word, or longer than 16 KiB.',
    action:
      'The message says which field is wrong. All but an approval, a check and the end of a pause need a `message`.',
  },
  SignInRequired: {
    status: 401,
    means: 'Nobody is signed in: a word needs a person, and with `K8STA_BOARD_READ=signedIn` a look does too.',
    action:
      'Sign in again; a session ends after `K8STA_BOARD_SESSION_MS`. Behind a proxy, `K8STA_BOARD_PROXY_ADDRESSES` must contain the address from which it connects, and it must send the header with the person once.',
  },
  OriginRefused: {
    status: 403,
    means: 'The request does not come from a page of the board.',
    action:
      'Open the board at exactly the address in `K8STA_BOARD_URL`, and correct that if people find the board elsewhere. A proxy must pass on `Origin` and `Content-Type`. A script speaks over NATS ([operating.md](operating.md#without-the-command)).',
  },
  RoleMissing: {
    status: 403,
    means: 'No role gives the person this word on this Track.',
    action:
      'Add one to the file of `K8STA_BOARD_ROLES` and restart the board. A new group of a person counts once the person signs in again.',
  },
  NotFound: {
    status: 404,
    means: 'There is no such path, word, Track or Ticket.',
    action: 'Nothing; a Ticket that ended long ago is forgotten.',
  },
  TrackerFault: {
    status: 409,
    means: 'The tracker answered with an error: it is too busy, or of a version that does not know the word.',
    action: 'The message has the error. Say the word again later, or upgrade the tracker.',
  },
  InternalError: {
    status: 500,
    means: 'NATS did not answer in time, or K8sTA has a bug.',
    action: 'Look at the log line `request failed` of the board.',
  },
  TooManyPages: {
    status: 503,
    means: 'As many pages are open as `K8STA_BOARD_VIEWERS` allows; an open page tries again every 5 s.',
    action: 'Raise the option, or run more replicas.',
  },
  Unanswered: {
    status: 503,
    means: 'No tracker answered within 10 s. It may have stored the word.',
    action: 'Look at the log of words before you repeat it, and at whether a tracker runs.',
  },
} as const satisfies Record<string, Refusal>;

/** For the document. */
export const boardRefusals: Readonly<Record<string, Refusal>> = refusals;

/** Answers with the reason, its status, and this sentence for the person. */
export function refuse(context: Context, reason: keyof typeof refusals, message: string): void {
  context.status = refusals[reason].status;
  context.body = { reason, message };
}
