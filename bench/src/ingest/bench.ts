import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { connectBus } from '@k8sta/bus';
import {
  argumentsToRun,
  freePort,
  type RunningProcess,
  startNats,
  startProcess,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { connect } from 'nats';
import type { Figure } from '../figure.js';
import { cpuSecondsOf } from '../process-stat.js';
import { median, percentile } from '../statistics.js';
import { type Loaded, load } from './load.js';

export interface IngestBenchOptions {
  /** How many webhooks are posted to each of the two in each round. */
  readonly webhooks: number;
  readonly rounds: number;
  readonly connections: number;
  /** How many Tracks subscribe to the image: each webhook opens a Ticket on each of them. */
  readonly tracks: number;
  /** Arguments of the Node.js of ingest: to profile it, or to try limits. */
  readonly node: readonly string[];
}

/** One of the two programs that are compared. */
interface Contender {
  readonly pid: number;
  readonly url: string;
  readonly rounds: Loaded[];
  cpuSeconds: number;
  natsCpuSeconds: number;
}

const require = createRequire(import.meta.url);
const secret = 'a-secret-for-the-bench-of-ingest';

/** Measures ingest as it is deployed, in turns with a bare Koa handler under the same load. */
export async function ingestBench(options: IngestBenchOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const [nats, directory] = await Promise.all([startNats(), temporaryDirectory('bench')]);
    ends.push(
      () => directory.remove(),
      () => nats.stop(),
    );
    await createStreams(nats.url);
    const [ingest, bare] = [await startIngest(options, nats.url, directory), await startBare(nats.url)];
    ends.push(
      () => ingest.stop(),
      () => bare.process.stop(),
    );
    const contenders = [contender(ingest.pid, ingest.url), contender(bare.process.pid, bare.url)] as const;
    const { webhooks, connections } = options;
    let posted = 0;
    for (let round = 0; round <= options.rounds; round++) {
      // Each is first in every other round, because the load on the machine changes.
      for (const each of round % 2 === 0 ? contenders : [...contenders].reverse()) {
        const start = posted;
        posted += webhooks;
        const cpu = [await cpuSecondsOf(each.pid), await cpuSecondsOf(nats.pid)] as const;
        const loaded = await load({
          url: each.url,
          connections,
          requests: webhooks,
          body: (at) => webhook(start + at),
        });
        // The first round is the warm-up.
        if (round === 0) continue;
        each.rounds.push(loaded);
        each.cpuSeconds += (await cpuSecondsOf(each.pid)) - cpu[0];
        each.natsCpuSeconds += (await cpuSecondsOf(nats.pid)) - cpu[1];
      }
    }
    report(options, contenders, onFigure);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function contender(pid: number, url: string): Contender {
  return { pid, url, rounds: [], cpuSeconds: 0, natsCpuSeconds: 0 };
}

/** Only the tracker creates the streams and the bucket in which ingest looks up Tickets. */
async function createStreams(servers: string): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const tracker = await connectBus({ service: 'tracker', connection: { servers }, log });
  await tracker.state.get('track.none');
  await tracker.close();
  const connection = await connect({ servers });
  await (await connection.jetstreamManager()).streams.add({ name: 'BARE', subjects: ['bare'] });
  await connection.close();
}

async function startIngest(
  { tracks, node }: IngestBenchOptions,
  natsUrl: string,
  { path }: TemporaryDirectory,
): Promise<{ pid: number; url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const file = join(path, 'tracks.yaml');
  const names = Array.from({ length: tracks }, (_, at) => `track-${at}`);
  const stations = (name: string) => [{ name: 'dev', applications: [`${name}-dev`] }];
  const list = names.map((name) => ({ name, images: [{ repository: 'acme/app' }], stations: stations(name) }));
  const secrets = await temporaryDirectory('bench-secrets');
  await writeFile(join(secrets.path, 'dockerhub'), `${secret}\n`);
  await writeFile(file, JSON.stringify({ tracks: list }));
  const service = await startService({
    name: 'ingest',
    entry: pathToFileURL(require.resolve('@k8sta/ingest')).href,
    environment: {
      ...{ K8STA_NATS_URL: natsUrl, K8STA_TRACKS: file, K8STA_WEBHOOK_SECRETS: secrets.path },
      K8STA_HTTP_PORT: String(port),
      // The load is of one sender.
      K8STA_WEBHOOK_RATE: '0',
    },
    nodeArguments: node,
  });
  await service.ready();
  return {
    pid: service.pid,
    url: `http://127.0.0.1:${port}/webhooks/dockerhub/${secret}`,
    async stop() {
      await service.stop();
      await secrets.remove();
    },
  };
}

async function startBare(natsUrl: string): Promise<{ process: RunningProcess; url: string }> {
  const main = fileURLToPath(pathToFileURL(require.resolve('@k8sta/bench/ingest/bare-koa')));
  const port = await freePort();
  const started = await startProcess({
    command: process.execPath,
    args: [...argumentsToRun(main), main, natsUrl, String(port)],
    install: 'Node.js',
    ready: { port },
    readyWithinMs: 60_000,
  });
  return { process: started, url: `http://127.0.0.1:${port}/` };
}

/** What Docker Hub posts. Each has a tag of its own, so that each opens Tickets. */
function webhook(at: number): string {
  const repository = {
    ...{ comment_count: 0, date_created: 1_417_494_799, description: '', dockerfile: '', full_description: '' },
    ...{ is_official: false, is_private: true, is_trusted: true, name: 'app', namespace: 'acme', owner: 'acme' },
    ...{ repo_name: 'acme/app', repo_url: 'https://hub.docker.com/r/acme/app', star_count: 0, status: 'Active' },
  };
  const push_data = { pushed_at: 1_417_566_161, pusher: 'ci', tag: `1.0.${at}`, images: [] };
  return JSON.stringify({ callback_url: 'https://registry.hub.docker.com/u/acme/app/hook/x/', push_data, repository });
}

function report(
  { webhooks, tracks }: IngestBenchOptions,
  [ingest, bare]: readonly [Contender, Contender],
  onFigure: (figure: Figure) => void,
): void {
  const perSecond = ({ rounds }: Contender) => median(rounds.map(({ seconds }) => webhooks / seconds));
  const latency = ({ rounds }: Contender, share: number) =>
    median(rounds.map(({ latencies }) => percentile(latencies, share)));
  const compare = (figure: string, unit: string, value: number, reference: number, goal?: Figure['goal']) =>
    onFigure({ bench: 'ingest', figure, unit, value, reference, ratio: value / reference, ...(goal && { goal }) });
  const tickets = `${tracks} Ticket${tracks === 1 ? '' : 's'} each`;
  const goal = { of: 'ratio', is: '>=', limit: 0.9 } as const;
  compare(`durable webhooks (${tickets})`, '/s', perSecond(ingest), perSecond(bare), goal);
  compare('time until the answer, p50', 'ms', latency(ingest, 0.5), latency(bare, 0.5));
  compare('time until the answer, p99', 'ms', latency(ingest, 0.99), latency(bare, 0.99));
  const cpu = (seconds: number, { rounds }: Contender) => (1_000 * seconds) / (webhooks * rounds.length);
  compare('processor time of a webhook', 'ms', cpu(ingest.cpuSeconds, ingest), cpu(bare.cpuSeconds, bare));
  const nats = [cpu(ingest.natsCpuSeconds, ingest), cpu(bare.natsCpuSeconds, bare)] as const;
  compare('processor time of a webhook, nats-server', 'ms', ...nats);
}
