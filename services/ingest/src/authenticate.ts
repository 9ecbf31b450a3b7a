import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.js';
import { type Continue, readBody, type UnprovenBodies } from './body.js';
import type { TokenVerifier } from './oidc/verify.js';
import type { Secrets } from './secrets.js';
import type { NamedSecret } from './senders/named-secret.js';
import { matchingSecret, type Proof, presentedProof, signingSecret } from './senders/proof.js';
import type { Prover, Sender } from './senders/sender.js';

export interface AuthenticateOptions<Known extends Prover = Sender> {
  readonly senders: readonly Known[];
  readonly secrets: Pick<Secrets, 'of'>;
  readonly unprovenBodies: UnprovenBodies;
  readonly tokens: Pick<TokenVerifier, 'verify'>;
  /** The largest body, in bytes. */
  readonly bodyLimit: number;
}

/** The first segment of the path. */
export type Endpoint = 'webhooks' | 'checks' | 'proposals';

/** A request whose sender has proven who it is. */
export interface Authenticated<Known extends Prover = Sender> {
  readonly sender: Known;
  readonly route: string;
  /** The name of the secret that matched. */
  readonly provenBy: string;
  /** What that secret may be used for. */
  readonly limits: NamedSecret['limits'];
  /** Who issued the OIDC token, and about whom, if one proves the sender. */
  readonly token?: { readonly issuer: string; readonly subject: string };
  /** The whole body, or why there is none. A proof over the body has read it already. */
  readBody(): ReturnType<typeof readBody>;
}

/**
 * Who sent this. A stranger gets the same answer whether the path, the secret or the signature is wrong, or the sender is
 * closed. The body is read first only if the proof is over the body and the request presents something that can be one.
 */
export async function authenticate<Known extends Prover>(
  request: IncomingMessage,
  options: AuthenticateOptions<Known>,
  sendContinue: Continue,
  endpoint: Endpoint = 'webhooks',
): Promise<Authenticated<Known> | Answer> {
  const { senders, secrets, unprovenBodies, tokens, bodyLimit: limit } = options;
  const { name, pathSecret } = addressOf(request.url ?? '', endpoint);
  const sender = senders.find((each) => each.name === name && hasPathSecret(each.proof) === (pathSecret !== undefined));
  if (!sender) return notFound();
  const { proof } = sender;
  const route = `/${endpoint}/${sender.name}${hasPathSecret(proof) ? '/:secret' : ''}`;
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
    const { acceptedBy: provenBy, ...token } = verified;
    return {
      sender,
      route,
      token,
      ...proven(provenBy, valid),
      readBody: () => readBody(request, { limit, sendContinue }),
    };
  }
  if (proof.kind !== 'hmac') {
    const provenBy = matchingSecret(valid, presented);
    if (provenBy === undefined) return unproven('the header that proves the sender has another value');
    return { sender, route, ...proven(provenBy, valid), readBody: () => readBody(request, { limit, sendContinue }) };
  }
  const read = await unprovenBodies.read(
    request,
    { limit, sendContinue },
    async (bytes): Promise<Authenticated<Known> | Answer> => {
      // A slow body may outlast a secret.
      const validNow = await secrets.of(sender.name);
      const provenBy = signingSecret(proof, validNow, bytes, presented);
      if (provenBy === undefined) return unproven('the signature is wrong');
      return { sender, route, ...proven(provenBy, validNow), readBody: async () => bytes };
    },
  );
  return 'outcome' in read ? { ...read, route } : read;
}

function proven(provenBy: string, secrets: readonly NamedSecret[]): Pick<Authenticated, 'provenBy' | 'limits'> {
  return { provenBy, limits: secrets.find(({ name }) => name === provenBy)?.limits };
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

/** `/webhooks/<sender>`, or `/webhooks/<sender>/<secret>`; or the same of another endpoint. */
function addressOf(
  url: string,
  endpoint: Endpoint,
): { readonly name?: string | undefined; readonly pathSecret?: string | undefined } {
  // Not by URL: it throws on invalid request targets, and normalises what we must compare as it was sent.
  const [path = ''] = url.split('?');
  const [, first, name, pathSecret] = /^\/([a-z]+)\/([a-z0-9-]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  return first === endpoint ? { name, pathSecret } : {};
}
