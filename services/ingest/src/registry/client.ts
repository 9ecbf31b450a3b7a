import { digest as digestSchema, tag as tagSchema } from '@k8sta/contracts';
import { retryAfterMs, tryParseJson } from '@k8sta/text';
import { z } from 'zod';
import { type Authorization, authorize } from './authorization.js';
import { parseChallenge } from './challenge.js';
import type { Credentials } from './credentials.js';
import { RegistryFault } from './fault.js';
import { isBusy, isLoopback, type Reply, send } from './http.js';

export interface ClientOptions {
  readonly credentialsFor: (repository: string) => Promise<Credentials | undefined>;
  readonly now: () => Date;
}

/** A complete list of tags. It has an ETag only if it came in one piece: another page may change without the first. */
export interface TagList {
  readonly tags: readonly string[];
  readonly etag?: string;
}

/** More would not fit into the message that keeps what was seen. */
export const mostTags = 60_000;
const mostPages = 200;

/** Without all of them, a registry answers with a manifest of another kind, which has another digest. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const tagsAnswer = z.looseObject({ tags: z.array(z.string()).nullable() });

/** Reads registries by the OCI distribution API. It throws a {@link RegistryFault} if a registry cannot be asked now. */
export class RegistryClient {
  readonly #options: ClientOptions;
  readonly #authorizations = new Map<string, Authorization>();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Every tag of the repository; `unchanged` if the registry says that the list still has this ETag. */
  async tags(repository: string, etag?: string): Promise<TagList | 'unchanged'> {
    const { base, path } = addressOf(repository);
    const tags = new Set<string>();
    let url: URL | undefined = new URL(`/v2/${path}/tags/list?n=1000`, base);
    for (let page = 1; url; page++) {
      const isConditional = page === 1 && etag !== undefined;
      const reply = await this.#ask(repository, url, { headers: isConditional ? { 'if-none-match': etag } : {} });
      if (reply.status === 304 && isConditional) return 'unchanged';
      const answer = reply.status === 200 ? tagsAnswer.safeParse(tryParseJson(reply.body)) : undefined;
      if (!answer?.success) throw faultOf(repository, reply, this.#options.now());
      for (const each of answer.data.tags ?? []) if (tagSchema.safeParse(each).success) tags.add(each);
      if (tags.size > mostTags || page > mostPages) {
        throw new RegistryFault(
          'TooManyTags',
          `${repository} has more than ${mostTags} tags, or ${mostPages} pages of them`,
        );
      }
      url = nextPage(reply.headers.get('link'), url);
      const tag = reply.headers.get('etag');
      if (!url && page === 1 && tag) return { tags: [...tags], etag: tag };
    }
    return { tags: [...tags] };
  }

  /** The digest of the tag; undefined if the registry has no such tag. */
  async digest(repository: string, tag: string): Promise<string | undefined> {
    const { base, path } = addressOf(repository);
    const url = new URL(`/v2/${path}/manifests/${tag}`, base);
    const reply = await this.#ask(repository, url, { method: 'HEAD', headers: { accept: manifestTypes } });
    if (reply.status === 404) return undefined;
    const digest =
      reply.status === 200 ? digestSchema.safeParse(reply.headers.get('docker-content-digest')) : undefined;
    if (!digest?.success) throw faultOf(repository, reply, this.#options.now());
    return digest.data;
  }

  async #ask(repository: string, url: URL, init: RequestInit & { headers: Record<string, string> }): Promise<Reply> {
    const held = this.#authorizations.get(repository);
    const isUsable = held && held.until > this.#options.now().getTime();
    const first = await send(url, isUsable ? withHeader(init, held) : init);
    if (first.status !== 401) return first;
    const challenge = parseChallenge(first.headers.get('www-authenticate'));
    if (!challenge)
      throw new RegistryFault('RegistryRefused', `${url.host} answered 401 and does not say what it requires`);
    const credentials = await this.#options.credentialsFor(repository);
    const asked = { registry: url, path: addressOf(repository).path };
    const authorization = await authorize(asked, challenge, credentials, this.#options.now()).catch((error: Error) => {
      if (!(error instanceof RegistryFault)) throw error;
      throw new RegistryFault(error.reason, `${url.host}: ${error.message}`, error.retryAfterMs);
    });
    this.#authorizations.set(repository, authorization);
    return send(url, withHeader(init, authorization));
  }
}

function withHeader<Init extends { headers: Record<string, string> }>(init: Init, { header }: Authorization): Init {
  return { ...init, headers: { ...init.headers, authorization: header } };
}

/** Where a normalised repository is served. Docker Hub's API has a host of its own. */
function addressOf(repository: string): { base: URL; path: string } {
  const slash = repository.indexOf('/');
  const host = repository.slice(0, slash);
  const name = host === 'docker.io' ? 'registry-1.docker.io' : host;
  const { hostname } = new URL(`https://${name}`);
  return { base: new URL(`${isLoopback(hostname) ? 'http' : 'https'}://${name}`), path: repository.slice(slash + 1) };
}

/** The page that the header Link names (RFC 8288). It must be on the same server, because the credentials go there. */
function nextPage(header: string | null, current: URL): URL | undefined {
  const [, target] = /<([^<>]{1,2000})>\s*;[^,]*rel="?next"?/i.exec(header ?? '') ?? [];
  if (target === undefined) return undefined;
  const next = URL.canParse(target, current.href) ? new URL(target, current) : undefined;
  if (next?.origin === current.origin) return next;
  throw new RegistryFault('RegistryAnswerInvalid', `${current.host} names a next page on another server`);
}

function faultOf(repository: string, reply: Reply, now: Date): RegistryFault {
  const { status, headers } = reply;
  const message = `the registry of ${repository} answered ${status}`;
  if (isBusy(reply))
    return new RegistryFault('RegistryBusy', message, retryAfterMs(headers.get('retry-after'), now.getTime()));
  if (status === 404) return new RegistryFault('RepositoryNotFound', message);
  if (status === 401 || status === 403) return new RegistryFault('RegistryRefused', message);
  return new RegistryFault('RegistryAnswerInvalid', status === 200 ? `${message} with something else` : message);
}
