import { tryParseJson } from '@k8sta/text';
import { type Dispatcher, EnvHttpProxyAgent, ProxyAgent, request } from 'undici';
import type { GitHubApp } from './credential.js';

const timeoutMs = 10_000;
const maxAnswerBytes = 100_000;

/** How GitHub's API is reached. */
export interface Route {
  /** Undefined for the one that the environment names (HTTPS_PROXY, NO_PROXY). */
  readonly proxy: string | undefined;
  /** The certificate authorities in PEM; undefined for those of Node. */
  readonly ca: readonly string[] | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** Throws the error of undici if GitHub cannot be reached. */
export async function requestToken(
  { api, installationId }: GitHubApp,
  bearer: string,
  { proxy, ca }: Route,
): Promise<Answer> {
  const tls = ca ? { ca: ca.join('\n') } : {};
  const dispatcher: Dispatcher =
    proxy === undefined
      ? new EnvHttpProxyAgent({ ...{ connect: tls, requestTls: tls, proxyTls: tls }, maxResponseSize: maxAnswerBytes })
      : new ProxyAgent({ uri: proxy, requestTls: tls, proxyTls: tls, maxResponseSize: maxAnswerBytes });
  try {
    const { statusCode, headers, body } = await request(`${api}/app/installations/${installationId}/access_tokens`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        'user-agent': 'k8sta',
      },
      dispatcher,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: statusCode, headers, body: tryParseJson(await body.text()) };
  } finally {
    dispatcher.destroy().catch(() => {});
  }
}
