import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  freePort,
  type NatsServer,
  type Service,
  startNats,
  startRedis,
  startService,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { z } from 'zod';
import { type Child, startChild } from '../child.js';
import type { ArgoQuestions } from './argo-process.js';
import type { GitQuestions } from './git-process.js';
import { applicationsOf, filesOf, imageOf, range, type Size, tags, tracksFile } from './lines.js';
import { countSteps, type StepCounts, withTrackers } from './trackers.js';

/** All services as they are deployed, each in its own process, with real servers and the stand-in for Argo CD. */
export interface World {
  readonly nats: NatsServer;
  /** The address of nats-server's own counters. */
  readonly natsMonitor: string;
  readonly git: Git;
  /** The process of each service that is started, and of the two servers that belong to K8sTA. */
  pids(): Readonly<Record<string, number>>;
  /** The processes of the Git server and of the stand-in for Argo CD, which are no part of K8sTA. */
  readonly surroundings: Readonly<Record<string, number>>;
  /** Starts the services, and waits until they are ready. */
  start(): Promise<void>;
  /** Posts the webhook for the new tag of this Track's image. Resolves with the id of its Ticket. */
  push(track: number): Promise<string>;
  /** What the trackers have counted of their steps, by outcome. */
  steps(): Promise<StepCounts>;
  stop(): Promise<void>;
}

export interface Git extends Login {
  readonly server: Child<GitQuestions>;
}

interface Login {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

const require = createRequire(import.meta.url);
const payloadFile = new URL('../../../services/ingest/src/senders/fixtures/dockerhub/push.json', import.meta.url);

export interface WorldOptions extends Size {
  /** How many trackers share the work; default: one. */
  readonly trackers?: number;
  /** Git worker processes of the promoter. */
  readonly workers: number;
  /** Further variables of the promoter. */
  readonly promoter?: Readonly<Record<string, string>>;
  /** Further arguments of each service's Node.js. */
  readonly node?: readonly string[];
  /** Only this service or stand-in gets these arguments. */
  readonly nodeOf?: string | undefined;
}

export async function createWorld(size: WorldOptions): Promise<World> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  const keep = <T extends { stop(): Promise<unknown> }>(server: T): T => {
    ends.push(() => server.stop());
    return server;
  };
  try {
    const directory = await temporaryDirectory('bench-railway');
    ends.push(() => directory.remove());
    const monitorPort = await freePort();
    const nats = keep(await startNats({ config: `http: "127.0.0.1:${monitorPort}"` }));
    const redis = keep(await startRedis());
    const git = await startGit(size, keep);
    const argo = await startArgo(size, git, keep);
    const { environments, webhookUrl } = await configure(directory.path, size, { nats, redis, git, argo });
    const services: Service[] = [];
    const payload = JSON.parse(await readFile(payloadFile, 'utf8'));
    return {
      nats,
      natsMonitor: `http://127.0.0.1:${monitorPort}`,
      git,
      pids: () => ({
        ...Object.fromEntries(services.map(({ name, pid }) => [name, pid])),
        'nats-server': nats.pid,
        'redis-server': redis.pid,
      }),
      surroundings: { 'Git server': git.server.pid, 'Argo CD (stand-in)': argo.pid },
      async start() {
        await Promise.all(
          withTrackers(Object.entries(environments), size.trackers).map(async ([name, environment]) => {
            const [kind = name] = name.split(' ');
            const entry = pathToFileURL(require.resolve(`@k8sta/${kind}`)).href;
            const service = keep(await startService({ name, entry, environment, nodeArguments: nodeFor(size, kind) }));
            services.push(service);
            await service.ready();
          }),
        );
      },
      push: (track) => post(webhookUrl, payload, track),
      steps: () => countSteps(services.filter(({ name }) => name.startsWith('tracker'))),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const opened = z.object({ tickets: z.tuple([z.object({ ticket: z.string() })]) });

async function post(
  webhookUrl: string,
  payload: { push_data: object; repository: object },
  track: number,
): Promise<string> {
  const [namespace, name] = imageOf(track).split('/');
  const body = {
    ...payload,
    push_data: { ...payload.push_data, tag: tags.after, pushed_at: Math.floor(Date.now() / 1000) },
    repository: { ...payload.repository, namespace, name, repo_name: imageOf(track) },
  };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(webhookUrl, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`ingest answered ${answer.status}: ${text}`);
  return opened.parse(JSON.parse(text)).tickets[0].ticket;
}

type Keep = <T extends { stop(): Promise<unknown> }>(server: T) => T;

async function startGit(size: WorldOptions, keep: Keep): Promise<Git> {
  const server = keep(startChild<GitQuestions>('@k8sta/bench/railway/git-process', nodeFor(size, 'git')));
  const login = await server.ask('start');
  for (const index of range(size.repositories)) {
    await server.ask('createRepository', { name: repositoryName(index), files: filesOf(size, index) });
  }
  return { server, ...login };
}

async function startArgo(
  size: WorldOptions,
  { url, user, password }: Login,
  keep: Keep,
): Promise<{ pid: number; kubeconfig: string }> {
  const child = keep(startChild<ArgoQuestions>('@k8sta/bench/railway/argo-process', nodeFor(size, 'argo')));
  const { kubeconfig } = await child.ask('start', {
    git: { username: user, password },
    applications: applicationsOf(size, (index) => `${url}/${repositoryName(index)}.git`),
  });
  return { pid: child.pid, kubeconfig };
}

function repositoryName(index: number): string {
  return `config-${index}`;
}

/** A profile of all processes at once would show little but the profilers. */
function nodeFor({ node = [], nodeOf }: WorldOptions, name: string): readonly string[] {
  const isService = name !== 'git' && name !== 'argo';
  return (nodeOf === undefined ? isService : nodeOf === name) ? node : [];
}

async function configure(
  directory: string,
  size: WorldOptions,
  at: { nats: { url: string }; redis: { url: string }; git: Login; argo: { kubeconfig: string } },
): Promise<{ environments: Record<string, Record<string, string>>; webhookUrl: string }> {
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const webhookSecret = randomBytes(24).toString('hex');
  const K8STA_WEBHOOK_SECRETS = join(directory, 'webhook-secrets');
  await mkdir(K8STA_WEBHOOK_SECRETS);
  await write('webhook-secrets/dockerhub', `${webhookSecret}\n`);
  const K8STA_TRACKS = await write('tracks.yaml', tracksFile(size));
  const K8STA_GIT_CREDENTIALS = join(directory, 'git-credentials');
  await mkdir(join(K8STA_GIT_CREDENTIALS, 'deploy'), { recursive: true });
  const secret = { url: at.git.url, username: at.git.user, password: at.git.password };
  for (const [key, text] of Object.entries(secret)) await write(`git-credentials/deploy/${key}`, text);
  const httpPort = await freePort();
  const bus = { K8STA_NATS_URL: at.nats.url, K8STA_LOG_LEVEL: 'warn' };
  return {
    webhookUrl: `http://127.0.0.1:${httpPort}/webhooks/dockerhub/${webhookSecret}`,
    environments: {
      ingest: {
        ...{ ...bus, K8STA_TRACKS, K8STA_WEBHOOK_SECRETS, K8STA_HTTP_PORT: String(httpPort) },
      },
      tracker: { ...bus, K8STA_TRACKS, K8STA_REDIS_URL: at.redis.url, K8STA_SETTLE_MS: '100' },
      promoter: {
        ...{ ...bus, K8STA_MIRRORS: join(directory, 'mirrors'), K8STA_GIT_WORKERS: String(size.workers) },
        K8STA_GIT_CREDENTIALS,
        ...size.promoter,
      },
      'argo-watcher': { ...bus, KUBECONFIG: at.argo.kubeconfig, K8STA_REFRESH: 'true', K8STA_HEARTBEAT_MS: '2000' },
    },
  };
}
