import { LRUCache } from 'lru-cache';
import { type Dispatcher, EnvHttpProxyAgent, ProxyAgent } from 'undici';
import type { Route } from '../credentials/github-app-request.js';

/** The longest answer that is read: a page of check runs with their reports has a few megabytes. */
export const maxAnswerBytes = 8_000_000;

/** Keeps connections open to the APIs of forges, by their proxies and certificate authorities. */
export class Dispatchers {
  readonly #open = new LRUCache<string, Dispatcher>({
    max: 20,
    dispose: (unused, _route, why) => void (why === 'evict' && unused.close().catch(() => {})),
  });

  for({ proxy, ca }: Route): Dispatcher {
    const key = JSON.stringify([proxy, ca]);
    const dispatcher = this.#open.get(key) ?? create({ proxy, ca });
    this.#open.set(key, dispatcher);
    return dispatcher;
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map((each) => each.destroy()));
  }
}

function create({ proxy, ca }: Route): Dispatcher {
  const tls = ca ? { ca: ca.join('\n') } : {};
  const settings = { requestTls: tls, proxyTls: tls, maxResponseSize: maxAnswerBytes, connections: 8 };
  if (proxy !== undefined) return new ProxyAgent({ uri: proxy, ...settings });
  return new EnvHttpProxyAgent({ ...settings, ...{ connect: tls } });
}
