import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus } from '@k8sta/bus';
import { type BusEvent, eventId, stateKey, type Ticket, type TicketState, type WaitReason } from '@k8sta/contracts';
import {
  type DeployedNats,
  type Service,
  startDeployedNats,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };

/** A notifier as a process, with the users of deploy/, and a tracker that says what the test wants. */
export interface Stage {
  readonly nats: DeployedNats;
  /** The bus as the tracker has it. */
  readonly tracker: Bus;
  /** Each line that a notifier has logged. */
  readonly lines: readonly string[];
  /** Writes the rules and the secrets and starts a notifier; each further one is a replica. */
  start(
    rules: string,
    secrets?: Readonly<Record<string, string>>,
    environment?: Record<string, string>,
  ): Promise<Service>;
  writeSecret(name: string, value: string): Promise<void>;
  /** Saves the Ticket's state as the tracker does, and publishes the event about it. */
  say(ticket: string, state: Saying): Promise<void>;
  stop(): Promise<void>;
}

type Saying =
  | { readonly is: 'waiting'; readonly reason: WaitReason; readonly message?: string; readonly since?: Date }
  | { readonly is: 'syncing'; readonly reason: WaitReason }
  | { readonly is: 'promoting' | 'completed' }
  | { readonly is: 'failed'; readonly message?: string };

/** `entry` is the file URL of the notifier's `main`. */
export async function startStage(entry: string): Promise<Stage> {
  const nats = await startDeployedNats();
  const directory: TemporaryDirectory = await temporaryDirectory('notifier');
  const secretsPath = join(directory.path, 'secrets');
  await mkdir(secretsPath);
  const tracker = await connectBus({ service: 'tracker', connection: nats.as('tracker'), log: quiet });
  const services: Service[] = [];
  const lines: string[] = [];
  let said = 0;
  const writeSecret = (name: string, value: string) => writeFile(join(secretsPath, name), value);
  return {
    ...{ nats, tracker, lines, writeSecret },
    async start(rules, secrets = {}, environment = {}) {
      const file = join(directory.path, 'rules.yaml');
      await writeFile(file, rules);
      for (const [name, value] of Object.entries(secrets)) await writeSecret(name, value);
      const { user, passwordFile } = nats.as('notifier');
      const service = await startService({
        name: 'notifier',
        entry,
        environment: {
          K8STA_NATS_URL: nats.url,
          K8STA_NATS_USER: user,
          K8STA_NATS_PASSWORD_FILE: passwordFile,
          K8STA_NOTIFY_RULES: file,
          K8STA_NOTIFY_SECRETS: secretsPath,
          K8STA_NOTIFY_TIMEOUT_MS: '500',
          K8STA_ACK_WAIT_MS: '1000',
          ...environment,
        },
        onLine: (line) => void lines.push(line),
      });
      services.push(service);
      await service.ready();
      return service;
    },
    async say(ticket, saying) {
      said += 1;
      const [key, value] = [stateKey.ticket('storefront', ticket), JSON.stringify(ticketOf(ticket, saying))];
      const before = await tracker.state.get(key);
      await tracker.state.replace(key, value, before?.revision ?? 0);
      await tracker.publish(eventOf(ticket, saying, said));
    },
    async stop() {
      for (const service of services) await service.stop();
      await tracker.close();
      await nats.stop();
      await directory.remove();
    },
  };
}

const syncing = { promotion: 'x/prod/1', message: 'argocd/storefront-prod waits' };

const when = () => new Date().toISOString();

function eventOf(ticket: string, saying: Saying, unique: number): BusEvent {
  const head = { ticket, track: 'storefront', image };
  const as = { ticketId: ticket };
  switch (saying.is) {
    case 'waiting': {
      const { reason, message = 'waits', since = new Date() } = saying;
      const data = {
        ...head,
        at: 'stage',
        next: 'prod',
        on: 'gate' as const,
        reason,
        message,
        since: since.toISOString(),
      };
      return { type: 'ticket.waiting', id: eventId('ticket.waiting', ticket, unique), ...as, data };
    }
    case 'syncing': {
      const { reason } = saying;
      const data = { ...head, ...syncing, station: 'prod', reason, deadline: when() };
      return { type: 'ticket.syncing', id: eventId('ticket.syncing', ticket, unique), ...as, data };
    }
    case 'promoting': {
      const data = { ...head, station: 'prod', promotion: `${ticket}/prod/1`, parts: 1 };
      return { type: 'ticket.promoting', id: eventId('ticket.promoting', ticket, unique), ...as, data };
    }
    case 'completed': {
      const data = { ...head, completedAt: when(), stations: [] };
      return { type: 'ticket.completed', id: eventId('ticket.completed', ticket), ...as, data };
    }
    case 'failed': {
      const { message = 'the hook migrate failed' } = saying;
      const data = { ...head, station: 'prod', reason: 'SyncFailed' as const, message, failedAt: when() };
      return { type: 'ticket.failed', id: eventId('ticket.failed', ticket), ...as, data };
    }
  }
}

function ticketOf(id: string, saying: Saying): Ticket {
  const commit = 'a'.repeat(40);
  const applications = [{ namespace: 'argocd', name: 'storefront-prod', outcome: 'edited' as const }];
  const repository = 'https://github.com/acme/deploy.git';
  const commits = [{ part: 0, repository, branch: 'main', revision: commit, commit, applications }];
  return {
    ...{
      id,
      track: 'storefront',
      image,
      sender: 'test',
      pushedAt: when(),
      sequence: 1,
      receivedAt: when(),
      openedAt: when(),
    },
    state: stateOf(saying),
    stations: [{ station: 'prod', attempt: 1, parts: 1, requestedAt: when(), commits }],
  };
}

function stateOf(saying: Saying): TicketState {
  switch (saying.is) {
    case 'waiting': {
      const { reason, message = 'waits', since = new Date() } = saying;
      return { is: 'waiting', at: 'stage', next: 'prod', on: 'gate', reason, message, since: since.toISOString() };
    }
    case 'syncing':
      return { is: 'syncing', station: 'prod', ...syncing, reason: saying.reason, deadline: when(), since: when() };
    case 'promoting': {
      const why = { reason: 'CommitRequested' as const, message: 'the promoter was asked', since: when() };
      return { is: 'promoting', station: 'prod', promotion: 'x', notAfter: when(), ...why };
    }
    case 'completed':
      return { is: 'completed', since: when() };
    case 'failed':
      return { is: 'failed', station: 'prod', reason: 'SyncFailed', message: 'the hook migrate failed', since: when() };
  }
}
