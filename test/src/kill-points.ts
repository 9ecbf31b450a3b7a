import type { ServiceName, TcpProxy } from '@k8sta/sandbox';
import type { WholeRailway } from './whole-railway.js';

/**
 * A moment of a ride, as it can be seen from outside, and who dies in it. `arm` calls `strike` when it has come; what
 * passes a proxy in that moment does not arrive.
 */
export interface KillPoint {
  readonly name: string;
  readonly victim: ServiceName | 'nats-server' | 'redis-server';
  arm(railway: WholeRailway, strike: () => Promise<void>): void;
}

type Proxies = NonNullable<WholeRailway['proxies']>;

/** Strikes when a chunk with these words passes, and keeps it from arriving. */
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

/** Strikes when Git's push comes, before it is carried out; or when it has been, and the answer is lost. */
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

export const killPoints: readonly KillPoint[] = [
  {
    name: 'ingest, before the event of a webhook reaches the bus',
    victim: 'ingest',
    arm: passing(nats('ingest'), 'client', /HPUB k8sta\.ticket\./),
  },
  {
    name: 'ingest, after JetStream has stored it and before the sender hears so',
    victim: 'ingest',
    arm: passing(nats('ingest'), 'server', /"stream":\s*"K8STA",\s*"seq"/),
  },
  {
    name: 'tracker, when it receives a new Ticket',
    victim: 'tracker',
    arm: passing(nats('tracker'), 'server', /MSG k8sta\.ticket\.storefront\.opened/),
  },
  {
    name: 'tracker, before the save that asks for a commit',
    victim: 'tracker',
    arm: passing(redis, 'client', /eval[\s\S]*"is":"promoting"/),
  },
  {
    name: 'tracker, after that save and before anything of it is told',
    victim: 'tracker',
    arm: passing(nats('tracker'), 'client', /PUB \$KV\.K8STA_STATE\.track[\s\S]*"is":"promoting"/),
  },
  {
    name: 'tracker, after the copy of that save and before the request is on the bus',
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
    name: 'promoter, before it says that it started',
    victim: 'promoter',
    arm: passing(nats('promoter'), 'client', /HPUB k8sta\.promotion\.storefront\.[a-z]+\.started/),
  },
  { name: 'promoter, before its push', victim: 'promoter', arm: pushing('before') },
  { name: 'promoter, in its push', victim: 'promoter', arm: pushing('after') },
  {
    name: 'promoter, after its push and before it says so',
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
    name: 'nats-server, when a commit is asked for',
    victim: 'nats-server',
    arm: passing(nats('tracker'), 'client', /HPUB k8sta\.promotion\.storefront\.[a-z]+\.requested/),
  },
  { name: 'nats-server, during a push', victim: 'nats-server', arm: pushing('after') },
  {
    name: 'redis-server, before the save that asks for a commit',
    victim: 'redis-server',
    arm: passing(redis, 'client', /eval[\s\S]*"is":"promoting"/),
  },
  {
    name: 'redis-server, after that save and before the tracker hears so',
    victim: 'redis-server',
    arm: passing(redis, 'client', /eval[\s\S]*"is":"promoting"/, 'forward'),
  },
];
