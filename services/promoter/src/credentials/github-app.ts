import { createHash, createPrivateKey } from 'node:crypto';
import { retryAfterMs, sanitizeLine } from '@k8sta/text';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { redact } from '../git/redact.js';
import { CredentialsInvalid, type GitHubApp } from './credential.js';
import type { Answer, Route } from './github-app-request.js';

export interface InstallationToken {
  readonly token: string;
  /** In milliseconds since the epoch, as are all times here. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

interface Entry {
  token: InstallationToken | undefined;
  pending: Promise<InstallationToken> | undefined;
  /** GitHub told us not to ask before this time. */
  notBefore: number;
  why: string;
}

/** A token is replaced so long before it expires: a big push must not outlive it. */
const renewMs = 10 * 60_000;
const maxPauseMs = 60 * 60_000;

/** The answer of `POST /app/installations/{installation_id}/access_tokens`. */
const tokenSchema = z.looseObject({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });
const refusalSchema = z.looseObject({ message: z.string() });

/** Installation tokens of GitHub Apps. A token is shared by all repositories of its installation until it expires. */
export class InstallationTokens {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A token that is valid now. Throws {@link CredentialsInvalid}, with what GitHub said. */
  async token(app: GitHubApp, route: Route): Promise<InstallationToken> {
    const entry = this.#entryOf(app);
    const { token } = entry;
    const now = this.#now();
    if (token && token.expiresAt - now > renewMs) return token;
    const isUsable = token !== undefined && token.expiresAt > now;
    if (entry.notBefore > now) {
      if (isUsable) return token;
      throw new CredentialsInvalid(entry.why);
    }
    entry.pending ??= this.#create(app, route, entry).finally(() => {
      entry.pending = undefined;
    });
    try {
      return await entry.pending;
    } catch (error) {
      if (isUsable) return token;
      throw error;
    }
  }

  /** GitHub did not accept this token: the installation was changed, or the token revoked. */
  reject(app: GitHubApp, token: string): void {
    const entry = this.#entryOf(app);
    if (entry.token?.token === token) entry.token = undefined;
  }

  async #create(app: GitHubApp, route: Route, entry: Entry): Promise<InstallationToken> {
    const createdAt = this.#now();
    const bearer = await jwt(app, createdAt);
    const answer = await post(app, bearer, route);
    if (answer.status === 201) {
      const parsed = tokenSchema.safeParse(answer.body);
      if (!parsed.success) throw new CredentialsInvalid(`${app.api} answered without an installation token`);
      const { token, expires_at: expiresAt } = parsed.data;
      entry.token = { token, createdAt, expiresAt: Date.parse(expiresAt) };
      return entry.token;
    }
    entry.why = explain(app, answer, bearer);
    entry.notBefore = createdAt + pauseMs(answer, createdAt);
    throw new CredentialsInvalid(entry.why);
  }

  #entryOf({ api, appId, installationId, privateKey }: GitHubApp): Entry {
    const key = createHash('sha256').update([api, appId, installationId, privateKey].join('\n')).digest('hex');
    const entry = this.#entries.get(key) ?? { token: undefined, pending: undefined, notBefore: 0, why: '' };
    this.#entries.set(key, entry);
    return entry;
  }
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
async function jwt({ appId, privateKey }: GitHubApp, now: number): Promise<string> {
  const seconds = Math.floor(now / 1_000);
  return (
    new SignJWT()
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(appId)
      // A minute ago, because GitHub refuses a time in its future. At most ten minutes may lie between the two.
      .setIssuedAt(seconds - 60)
      .setExpirationTime(seconds + 9 * 60)
      .sign(createPrivateKey(privateKey))
  );
}

async function post(app: GitHubApp, bearer: string, route: Route): Promise<Answer> {
  // Loaded here because most promoters use no GitHub App.
  const { requestToken } = await import('./github-app-request.js');
  try {
    return await requestToken(app, bearer, route);
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    throw new CredentialsInvalid(
      `${app.api} cannot be reached for an installation token: ${cause?.message ?? message}`,
    );
  }
}

function explain({ api, appId, installationId }: GitHubApp, { status, body }: Answer, bearer: string): string {
  const said = refusalSchema.safeParse(body).data?.message ?? '';
  const quoted = said === '' ? '' : ` (${sanitizeLine(redact(said, [bearer]), 200)})`;
  return `${api} answered ${status} when asked for an installation token${advice(status, appId, installationId)}${quoted}`;
}

function advice(status: number, appId: string, installationId: string): string {
  switch (status) {
    case 401:
      return `: githubAppID ${appId} and githubAppPrivateKey do not belong together, or the clock is wrong`;
    case 403:
      return ': it limits requests, or the installation is suspended';
    case 404:
      return `: githubAppInstallationID ${installationId} is not an installation of the App ${appId}`;
    case 429:
      return ': it limits requests';
    default:
      return status >= 500 ? ' (server error)' : '';
  }
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
function pauseMs({ status, headers }: Answer, now: number): number {
  if (status !== 403 && status !== 429) return 0;
  const after = retryAfterMs([headers['retry-after']].flat()[0], now);
  if (after) return after;
  const reset = Number(headers['x-ratelimit-reset']) * 1_000;
  if (headers['x-ratelimit-remaining'] === '0' && reset > now) return Math.min(reset - now, maxPauseMs);
  return status === 429 ? 60_000 : 0;
}
