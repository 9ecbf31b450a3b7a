import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Certificate } from '../certificate.js';
import { serveHttp } from '../http-server.js';

export interface GitHubOptions {
  /** How long a token is valid; GitHub's are valid for an hour. */
  readonly tokenMs?: number;
  readonly certificate?: Certificate;
  readonly now?: () => number;
}

/** The part of GitHub's REST API that gives a GitHub App its installation tokens. */
export interface GitHub {
  /** What Argo CD calls githubAppEnterpriseBaseUrl. */
  readonly api: string;
  readonly appId: string;
  readonly installationId: string;
  /** The private key of the App, in PEM (PKCS#1, as GitHub hands it out). */
  readonly privateKey: string;
  /** How many tokens it has made. */
  readonly created: number;
  /** Whether Git accepts this login: an installation token that is valid now, as the password of x-access-token. */
  accepts(user: string, password: string): boolean;
  /** Makes all tokens invalid, as the deletion of an installation does. */
  revoke(): void;
  /** Refuses the next requests as GitHub does when an App makes too many; `undefined` ends that. */
  limit(resetAt: Date | undefined): void;
  stop(): Promise<void>;
}

/** Behaves as https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app says. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const { tokenMs = 3_600_000, certificate, now = Date.now } = options;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [appId, installationId] = ['271828', '31415926'];
  const tokens = new Map<string, number>();
  let resetAt: Date | undefined;
  let created = 0;

  const create = async (request: IncomingMessage): Promise<Answer> => {
    const refused = await refusal(request.headers.authorization, { publicKey, appId, now });
    if (refused) return refused;
    if (resetAt) return limited(resetAt);
    const wanted = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || wanted !== installationId) return { status: 404, body: { message: 'Not Found' } };
    const token = `ghs_${randomBytes(27).toString('base64url')}`;
    const expiresAt = now() + tokenMs;
    tokens.set(token, expiresAt);
    created++;
    const body = {
      token,
      expires_at: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
      permissions: { contents: 'write', metadata: 'read' },
      repository_selection: 'selected',
    };
    return { status: 201, body };
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    create(request).then(
      ({ status, headers, body }) => {
        response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
        response.end(JSON.stringify({ ...body, ...(status >= 400 && { documentation_url: documentation }) }));
      },
      () => response.destroy(),
    );
  };
  const { url: api, stop } = await serveHttp(answer, { certificate });
  return {
    ...{ api, appId, installationId, stop },
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    get created() {
      return created;
    },
    accepts: (user, password) => user === 'x-access-token' && (tokens.get(password) ?? 0) > now(),
    revoke: () => tokens.clear(),
    limit(next) {
      resetAt = next;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: Record<string, unknown>;
}

const documentation = 'https://docs.github.com/rest';

/** The refusals of GitHub for the JWT of an App, in its own words. */
async function refusal(
  authorization: string | undefined,
  { publicKey, appId, now }: { publicKey: KeyObject; appId: string; now: () => number },
): Promise<Answer | undefined> {
  const refuse = (message: string, status = 401): Answer => ({ status, body: { message } });
  const token = /^(?:Bearer|token) (.+)$/i.exec(authorization ?? '')?.[1];
  const invalid = 'A JSON web token could not be decoded';
  if (token === undefined) return refuse(invalid);
  const seconds = Math.floor(now() / 1_000);
  const { errors, jwtVerify } = await import('jose');
  try {
    const { payload } = await jwtVerify(token, createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })), {
      algorithms: ['RS256'],
      currentDate: new Date(now()),
    });
    const { iss, iat, exp } = payload;
    if (typeof iat !== 'number' || iat > seconds) {
      return refuse("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
    }
    if (typeof exp !== 'number') return refuse(expired);
    if (exp - seconds > 600) return refuse("'Expiration time' claim ('exp') is too far in the future");
    return iss === appId ? undefined : refuse('Integration not found', 404);
  } catch (error) {
    return refuse(error instanceof errors.JWTExpired ? expired : invalid);
  }
}

const expired =
  "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";

function limited(resetAt: Date): Answer {
  return {
    status: 403,
    headers: {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.ceil(resetAt.getTime() / 1_000)),
    },
    body: { message: 'API rate limit exceeded for installation.' },
  };
}
