import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.js';
import { type Continue, readBody, type UnprovenBodies } from './body.js';
import type { TokenVerifier } from './oidc/verify.js';
import type { Secrets } from './secrets.js';
import { matchingSecret, type Proof, presentedProof, signingSecret } from './senders/proof.js';
import type { Sender } from './senders/sender.js';

export interface AuthenticateOptions {
  readonly senders: readonly Sender[];
  readonly secrets: Pick<Secrets, 'of'>;
  readonly unprovenBodies: UnprovenBodies;
  readonly tokens: Pick<TokenVerifier, 'verify'>;
  /** The largest body, in bytes. */
  readonly bodyLimit: number;
}

/** A request whose sender has proven who it is. */
export interface Authenticated {
  readonly sender: Sender;
  readonly route: string;
  /** The name of the secret that matched. */
  readonly provenBy: string;
  /** The whole body, or why there is none. A proof over the body has read it already. */
  readBody(): ReturnType<typeof readBody>;
}

/**
 * Who sent this. A stranger gets the same answer whether the path, the secret or the signature is wrong, or the sender is
 * closed. The body is read first only if the proof is over the body and the request presents something that can be one.
 */
export async function authenticate(
  request: IncomingMessage,
  options: AuthenticateOptions,
  sendContinue: Continue,
): Promise<Authenticated | Answer> {
  const { senders, secrets, unprovenBodies, tokens, bodyLimit: limit } = options;
  const { name, pathSecret } = addressOf(request.url ?? '');
  const sender = senders.find((each) => each.name === name && hasPathSecret(each.proof) === (pathSecret !== undefined));
  if (!sender) return notFound();
  const { proof } = sender;
  const route = `/webhooks/${sender.name}${hasPathSecret(proof) ? '/:secret' : ''}`;
  // That a path with a secret has the pattern of a sender does not show that it is one.
  const unproven = (message: string) => (hasPathSecret(proof) ? notFound() : notFound(route, message));

  const presented = presentedProof(proof, { headers: request.headers, pathSecret });
  const valid = await secrets.of(sender.name);
  if (valid.length === 0) return unproven('the sender has no valid secret');
  if (presented === undefined) return unproven('the header that proves the sender is missing or malformed');
  if (proof.kind === 'oidcToken') {
    const verified = await tokens.verify(proof, valid, presented);
    if ('unavailable' in verified) return issuerUnavailable(route, verified.unavailable);
    if ('refused' in verified) return unproven(verified.refused);
    return { sender, route, provenBy: verified.acceptedBy, readBody: () => readBody(request, { limit, sendContinue }) };
  }
  if (proof.kind !== 'hmac') {
    const provenBy = matchingSecret(valid, presented);
    if (provenBy === undefined) return unproven('the header that proves the sender has another value');
    return { sender, route, provenBy, readBody: () => readBody(request, { limit, sendContinue }) };
  }
  const read = await unprovenBodies.read(
    request,
    { limit, sendContinue },
    async (bytes): Promise<Authenticated | Answer> => {
      // A slow body may outlast a secret.
      const provenBy = signingSecret(proof, await secrets.of(sender.name), bytes, presented);
      if (provenBy === undefined) return unproven('the signature is wrong');
      return { sender, route, provenBy, readBody: async () => bytes };
    },
  );
  return 'outcome' in read ? { ...read, route } : read;
}

function hasPathSecret({ kind }: Proof): boolean {
  return kind === 'pathSecret';
}

function notFound(route?: string, message?: string): Answer {
  const body = { error: 'not found' };
  return { outcome: 'notFound', body, ...(route && { route }), ...(message && { fields: { message } }) };
}

/** The sender may be who it says, so it is to post again. */
function issuerUnavailable(route: string, message: string): Answer {
  const body = { error: 'the token cannot be verified now; post it again' };
  return { outcome: 'issuerUnavailable', body, route, headers: { 'Retry-After': '5' }, fields: { message } };
}

/** `/webhooks/<sender>`, or `/webhooks/<sender>/<secret>`. */
function addressOf(url: string): { readonly name?: string | undefined; readonly pathSecret?: string | undefined } {
  // Not by URL: it throws on invalid request targets, and normalises what we must compare as it was sent.
  const [path = ''] = url.split('?');
  const [, name, pathSecret] = /^\/webhooks\/([a-z0-9-]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  return { name, pathSecret };
}
