import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Bus, connectBus } from '@k8sta/bus';
import { type DataOf, eventId, everyUse, promotionId, promotionWanted } from '@k8sta/contracts';
import {
  type GitServer,
  type Repository,
  type Service,
  startGitServer,
  startNats,
  startService,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { branch, image } from './repository.js';

/** The promoter as it is deployed, in its own process, with real servers. The bench plays the tracker. */
export interface World {
  readonly git: GitServer;
  readonly bus: Bus;
  readonly promoter: Service;
  /** A directory for temporary files. */
  readonly directory: string;
  readonly mirrors: string;
  /** Requests one promotion. Resolves with the commit when `promotion.committed` has arrived. */
  promote(repository: Repository, application: number, tag: string): Promise<string>;
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);

export async function createWorld(node: readonly string[]): Promise<World> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  const keep = <T extends { stop(): Promise<unknown> }>(server: T): T => {
    ends.push(() => server.stop());
    return server;
  };
  try {
    const { path: directory, remove } = await temporaryDirectory('bench-promoter');
    ends.push(remove);
    const nats = keep(await startNats());
    const git = keep(await startGitServer());
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log });
    ends.push(() => bus.close());
    bus.answer(promotionWanted, async () => ({ wanted: true }));
    const answers = await listen(bus);
    const mirrors = join(directory, 'mirrors');
    const credentials = join(directory, 'git-credentials');
    await mkdir(join(credentials, 'deploy'), { recursive: true });
    for (const [key, text] of Object.entries({ url: git.url, username: git.user, password: git.password })) {
      await writeFile(join(credentials, 'deploy', key), text, { mode: 0o600 });
    }
    const promoter = keep(
      await startService({
        name: 'promoter',
        entry: pathToFileURL(require.resolve('@k8sta/promoter')).href,
        environment: {
          ...{ K8STA_NATS_URL: nats.url, K8STA_LOG_LEVEL: 'warn', K8STA_MIRRORS: mirrors },
          K8STA_GIT_CREDENTIALS: credentials,
        },
        nodeArguments: node,
      }),
    );
    await promoter.ready();
    let count = 0;
    return {
      ...{ git, bus, promoter, directory, mirrors, stop },
      async promote(repository, application, tag) {
        const data = requestOf({ ticket: `bench${++count}`, repository, application, tag });
        const answer = answers.of(data.promotion);
        await bus.publish({
          type: 'promotion.requested',
          id: eventId('promotion.requested', data.promotion),
          ticketId: data.ticket,
          data,
        });
        return answer;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for the answers of the promoter. */
async function listen(bus: Bus): Promise<{ of(promotion: string): Promise<string> }> {
  const waiting = new Map<string, { resolve(commit: string): void; reject(error: Error): void }>();
  const take = (promotion: string) => {
    const found = waiting.get(promotion);
    waiting.delete(promotion);
    return found;
  };
  await bus.consume('promotion.committed', async ({ data }) => {
    take(data.promotion)?.resolve(data.revision);
    return { is: 'done' };
  });
  await bus.consume('promotion.failed', async ({ data }) => {
    take(data.promotion)?.reject(new Error(`the promotion ${data.promotion} failed: ${data.reason}: ${data.message}`));
    return { is: 'done' };
  });
  return {
    of: (promotion) => new Promise((resolve, reject) => waiting.set(promotion, { resolve, reject })),
  };
}

/** Each Application is on a Track of its own, as most teams do it. */
function requestOf(of: {
  ticket: string;
  repository: Repository;
  application: number;
  tag: string;
}): DataOf<'promotion.requested'> {
  const name = `web-${of.application}`;
  const now = Date.now();
  return {
    ...{ promotion: promotionId(of.ticket, 'prod', 1), part: 0, parts: 1, ticket: of.ticket, track: name },
    ...{ station: 'prod', issue: 0, repository: of.repository.url, branch, protectedSources: [] },
    applications: [
      {
        ...{ namespace: 'argocd', name, sources: [{ path: `apps/${name}`, type: 'Kustomize' }], sourceIndex: 0 },
        image: { repository: image, tag: of.tag },
      },
    ],
    requestedAt: new Date(now).toISOString(),
    notAfter: new Date(now + 3_600_000).toISOString(),
  };
}
