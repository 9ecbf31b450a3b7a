import type { ServiceName, TcpProxy } from '@k8sta/sandbox';
import type { TestSystem } from './test-system.js';

/**
 * A moment of a ride that is visible from outside, and the process to kill at that moment. `arm` calls `strike` when the
 * moment has come. The bytes that pass a proxy at that moment do not arrive.
 */
export interface KillPoint {
  readonly name: string;
  readonly victim: ServiceName | 'nats-server' | 'redis-server';
  arm(railway: TestSystem, strike: () => Promise<void>): void;
}

type Proxies = NonNullable<TestSystem['proxies']>;

/** Strikes when a chunk that matches `words` passes, and drops the chunk. */
function passing(
  choose: (proxies: Proxies) => TcpProxy,
  from: 'client' | 'server',
  words: RegExp,
  then: 'drop' | 'forward' = 'drop',
): KillPoint['arm'] {
  return ({ proxies }, strike) => {
    if (!proxies) throw new Error('the railway was not started with proxies');
    const proxy = choose(proxies);
    proxy.watch = async (chunk) => {
      if (chunk.from !== from || !words.test(chunk.bytes.toString('latin1'))) return 'forward';
      proxy.watch = undefined;
      if (then === 'drop') await strike();
      else setImmediate(strike);
      return then;
    };
  };
}

const nats = (name: ServiceName) => (proxies: Proxies) => proxies.nats[name];
const redis = (proxies: Proxies) => proxies.redis;

/** Strikes before the Git server carries a push out, or after it has, so that the answer is lost. */
function pushing(when: 'before' | 'after'): KillPoint['arm'] {
  return ({ git }, strike) => {
    git.intercept(async ({ service, step }) => {
      if (service !== 'git-receive-pack' || step !== 'exchange') return undefined;
      git.intercept(undefined);
      if (when === 'after') {
        setImmediate(strike);
        return 'loseAnswer';
      }
      await strike();
      return 'drop';
    });
  };
}

/** Strikes in the middle of a chunk: what comes before `words` arrives. */
function within(choose: (proxies: Proxies) => TcpProxy, words: string): KillPoint['arm'] {
  return ({ proxies }, strike) => {
    if (!proxies) throw new Error('the railway was not started with proxies');
    const proxy = choose(proxies);
    proxy.watch = async ({ from, bytes }) => {
      const at = from === 'client' ? bytes.indexOf(words) : -1;
      if (at < 0) return 'forward';
      proxy.watch = undefined;
      await strike();
      return bytes.subarray(0, at);
    };
  };
}

export const killPoints: readonly KillPoint[] = [
  {
    name: 'ingest, before the event of a webhook reaches the bus',
    victim: 'ingest',
    arm: passing(nats('ingest'), 'client', /HPUB k8sta\.ticket\./),
  },
  {
    name: 'ingest, after JetStream has stored the webhook and before its Ticket reaches the bus',
    victim: 'ingest',
    arm: within(nats('ingest'), 'HPUB k8sta.ticket.'),
  },
  {
    name: 'ingest, after JetStream has stored the event and before ingest answers the sender',
    victim: 'ingest',
    arm: passing(nats('ingest'), 'server', /"stream":\s*"K8STA",\s*"seq"/),
  },
  {
    name: 'tracker, when it receives a new Ticket',
    victim: 'tracker',
    arm: passing(nats('tracker'), 'server', /MSG k8sta\.ticket\.storefront\.opened/),
  },
  {
    name: 'tracker, before the save that requests a commit',
    victim: 'tracker',
    arm: passing(redis, 'client', /eval[\s\S]*"is":"promoting"/),
  },
  {
    name: 'tracker, after that save and before it publishes anything',
    victim: 'tracker',
    arm: passing(nats('tracker'), 'client', /PUB \$KV\.K8STA_STATE\.track[\s\S]*"is":"promoting"/),
  },
  {
    name: 'tracker, after the copy of that save and before it publishes the request',
    victim: 'tracker',
    arm: passing(nats('tracker'), 'client', /HPUB k8sta\.promotion\.storefront\.[a-z]+\.requested/),
  },
  {
    name: 'tracker, before it acknowledges a new Ticket',
    victim: 'tracker',
    arm: passing(nats('tracker'), 'client', /PUB \$JS\.ACK\.K8STA\.tracker-ticket_opened/),
  },
  {
    name: 'tracker, before it acknowledges a commit',
    victim: 'tracker',
    arm: passing(nats('tracker'), 'client', /PUB \$JS\.ACK\.K8STA\.tracker-promotion_committed/),
  },
  {
    name: 'promoter, when it receives a request',
    victim: 'promoter',
    arm: passing(nats('promoter'), 'server', /MSG k8sta\.promotion\.storefront\.[a-z]+\.requested/),
  },
  {
    name: 'promoter, before it publishes that it started',
    victim: 'promoter',
    arm: passing(nats('promoter'), 'client', /HPUB k8sta\.promotion\.storefront\.[a-z]+\.started/),
  },
  { name: 'promoter, before its push', victim: 'promoter', arm: pushing('before') },
  { name: 'promoter, during its push', victim: 'promoter', arm: pushing('after') },
  {
    name: 'promoter, after its push and before it publishes the commit',
    victim: 'promoter',
    arm: passing(nats('promoter'), 'client', /HPUB k8sta\.promotion\.storefront\.[a-z]+\.committed/),
  },
  {
    name: 'promoter, before it acknowledges a request',
    victim: 'promoter',
    arm: passing(nats('promoter'), 'client', /PUB \$JS\.ACK\.K8STA\.promoter-promotion_requested/),
  },
  {
    name: 'argo-watcher, before an observation reaches the bus',
    victim: 'argo-watcher',
    arm: passing(nats('argo-watcher'), 'client', /HPUB k8sta\.application\.default\.argocd\.storefront-dev\.observed/),
  },
  {
    name: 'nats-server, when a commit is requested',
    victim: 'nats-server',
    arm: passing(nats('tracker'), 'client', /HPUB k8sta\.promotion\.storefront\.[a-z]+\.requested/),
  },
  { name: 'nats-server, during a push', victim: 'nats-server', arm: pushing('after') },
  {
    name: 'redis-server, before the save that requests a commit',
    victim: 'redis-server',
    arm: passing(redis, 'client', /eval[\s\S]*"is":"promoting"/),
  },
  {
    name: 'redis-server, after that save and before the tracker receives the reply',
    victim: 'redis-server',
    arm: passing(redis, 'client', /eval[\s\S]*"is":"promoting"/, 'forward'),
  },
];
