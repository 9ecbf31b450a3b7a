import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArgoCd } from './argo/index.js';
import type { ForgeServer } from './forge/index.js';
import type { DeployedNats } from './nats.js';
import { freePort } from './port.js';
import type { DeployedRedis } from './redis.js';
import type { RepositoryHost } from './repository-host.js';

/** The services that move images. */
export type ServiceName = 'ingest' | 'tracker' | 'promoter' | 'argo-watcher';

interface Parts {
  /** What the tracks file says. */
  readonly tracksText: string;
  readonly nats: DeployedNats;
  readonly redis: DeployedRedis;
  readonly host: RepositoryHost;
  readonly argo: ArgoCd;
  readonly forge: ForgeServer | undefined;
}

interface Configuration {
  /** The path of the tracks file. */
  readonly tracks: string;
  /** The address for Docker Hub's webhooks, with its secret. */
  readonly webhookUrl: string;
  /** The address for GHCR's webhooks, and the secret that signs them. */
  readonly ghcr: { readonly url: string; readonly secret: string };
  /** The address for reports of the check `smoke`, and the secret that signs them. */
  readonly checks: { readonly url: string; readonly secret: string };
  readonly environments: Record<ServiceName, Record<string, string>>;
}

/** Writes the services' files with new secrets, and says what the environment of each service is. */
export async function configure(directory: string, parts: Parts): Promise<Configuration> {
  const { tracksText, nats, redis, host, argo, forge } = parts;
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const tracks = await write('tracks.yaml', tracksText);
  const webhookSecret = randomBytes(24).toString('hex');
  await mkdir(join(directory, 'webhook-secrets'));
  await write('webhook-secrets/dockerhub', `${webhookSecret}\n`);
  const ghcrSecret = randomBytes(24).toString('hex');
  await write('webhook-secrets/ghcr', `${ghcrSecret}\n`);
  const checkSecret = randomBytes(24).toString('hex');
  await mkdir(join(directory, 'check-secrets'));
  await write('check-secrets/generic.smoke', JSON.stringify({ secret: checkSecret, checks: ['smoke'] }));
  const credentials = join(directory, 'git-credentials');
  await mkdir(join(credentials, 'deploy'), { recursive: true });
  for (const [key, text] of Object.entries(host.secret)) await write(`git-credentials/deploy/${key}`, text);
  const httpPort = await freePort();
  const proposalSecrets = join(directory, 'proposal-secrets');
  await mkdir(proposalSecrets);
  if (forge) {
    const secret = randomBytes(24).toString('hex');
    await write(`proposal-secrets/${forge.provider}`, `${secret}\n`);
    forge.webhooks.sendTo({ url: `http://127.0.0.1:${httpPort}/proposals/${forge.provider}`, secret });
  }
  const busAs = (name: ServiceName) => ({
    K8STA_NATS_URL: nats.url,
    K8STA_NATS_USER: nats.as(name).user,
    K8STA_NATS_PASSWORD_FILE: nats.as(name).passwordFile,
  });
  return {
    tracks,
    webhookUrl: `http://127.0.0.1:${httpPort}/webhooks/dockerhub/${webhookSecret}`,
    ghcr: { url: `http://127.0.0.1:${httpPort}/webhooks/ghcr`, secret: ghcrSecret },
    checks: { url: `http://127.0.0.1:${httpPort}/checks/generic`, secret: checkSecret },
    environments: {
      ingest: {
        ...busAs('ingest'),
        K8STA_TRACKS: tracks,
        K8STA_HTTP_PORT: String(httpPort),
        K8STA_WEBHOOK_SECRETS: join(directory, 'webhook-secrets'),
        K8STA_CHECK_SECRETS: join(directory, 'check-secrets'),
        K8STA_PROPOSAL_SECRETS: proposalSecrets,
      },
      // Short, so that a test need not wait for the default of two minutes.
      tracker: {
        ...busAs('tracker'),
        K8STA_TRACKS: tracks,
        ...redis.environment,
        K8STA_REDIS_USER: redis.as('tracker').user,
        K8STA_REDIS_PASSWORD_FILE: redis.as('tracker').passwordFile,
        K8STA_DEGRADED_GRACE_MS: '1500',
        K8STA_SETTLE_MS: '100',
      },
      promoter: {
        ...busAs('promoter'),
        K8STA_GIT_CREDENTIALS: credentials,
        K8STA_MIRRORS: join(directory, 'mirrors'),
      },
      'argo-watcher': {
        ...busAs('argo-watcher'),
        KUBECONFIG: argo.kubeconfig,
        K8STA_REFRESH: 'true',
        // The tracker decides a deadline on the first heartbeat after it.
        K8STA_HEARTBEAT_MS: '2000',
      },
    },
  };
}
