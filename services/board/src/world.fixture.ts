import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Bus, connectBus } from '@k8sta/bus';
import {
  type ApiHandlers,
  type ApiReply,
  apiVerbs,
  type DataOf,
  eventId,
  stateKey,
  type Ticket,
  type TicketState,
  type WordVerb,
} from '@k8sta/contracts';
import {
  type DeployedNats,
  freePort,
  type Service,
  startDeployedNats,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const entry = import.meta.resolve('@k8sta/board-service');
const service = fileURLToPath(new URL('..', import.meta.url));

export const twoTracks = `tracks:
- name: storefront
  images: [{repository: acme/storefront}]
  stations:
  - {name: dev, applications: [storefront-dev]}
  - {name: prod, gates: {approval: {count: 1}}, applications: [storefront-prod]}
- name: payments
  images: [{repository: acme/payments}]
  stations: [{name: dev, applications: [payments-dev]}]
`;

/** A bus with the users of deploy/, and what the other services would put on it. */
export interface World {
  readonly nats: DeployedNats;
  readonly bus: Bus;
  /** Where tests put their files. */
  file(name: string, text: string): Promise<string>;
  /** Puts the Ticket where the tracker does. */
  ticket(track: string, id: string, tag: string, state: TicketState, change?: Partial<Ticket>): Promise<void>;
  /** Publishes an observation of an Application that is Synced and Healthy, with the change applied. */
  observe(name: string, image: string, change?: Partial<DataOf<'application.observed'>>): Promise<void>;
  /** The words that the tracker's API has stored, oldest first. */
  readonly words: DataOf<'operator.word'>[];
  /** Starts the board as a process with these further variables, and waits until it is ready. */
  board(environment?: Record<string, string>): Promise<Board>;
  stop(): Promise<void>;
}

export interface Board {
  readonly url: string;
  readonly service: Service;
}

let built: Promise<unknown> | undefined;

/** Builds the page, once for each process. */
function buildPage(): Promise<unknown> {
  built ??= promisify(execFile)(join(service, '../../node_modules/.bin/vite'), ['build', 'web'], { cwd: service });
  return built;
}

export async function startWorld(tracksText = twoTracks): Promise<World> {
  await buildPage();
  const [nats, directory] = [await startDeployedNats(), await temporaryDirectory('board')];
  const connect = (user: 'tracker' | 'argo-watcher') => {
    const connection = { servers: nats.url, user, passwordFile: nats.as(user).passwordFile };
    return connectBus({ service: user, connection, log: quiet });
  };
  const [bus, watcher] = [await connect('tracker'), await connect('argo-watcher')];
  const file = async (name: string, text: string) => {
    await mkdir(directory.path, { recursive: true });
    await writeFile(join(directory.path, name), text, { mode: 0o600 });
    return join(directory.path, name);
  };
  const tracks = await file('tracks.yaml', tracksText);
  const words: DataOf<'operator.word'>[] = [];
  await bus.serve(answering(bus, words));
  // The tracker creates the bucket when it first uses it.
  await bus.state.replace(stateKey.track('storefront'), '{}', 0);
  const boards: Service[] = [];
  let versions = 0;
  return {
    ...{ nats, bus, file, words },
    async ticket(track, id, tag, state, change = {}) {
      const key = stateKey.ticket(track, id);
      const ticket = { ...ticketOf(track, id, tag, state), ...change };
      await bus.state.replace(key, JSON.stringify(ticket), (await bus.state.get(key))?.revision ?? 0);
    },
    async observe(name, image, change = {}) {
      versions += 1;
      await watcher.publish({
        type: 'application.observed',
        id: eventId('application.observed', name, versions),
        data: { ...observedOf(name, image, versions), ...change },
      });
    },
    async board(environment = {}) {
      const port = await freePort();
      const { user, passwordFile } = nats.as('board');
      const started = await startService({
        ...{ name: 'board', entry },
        environment: {
          ...{ K8STA_NATS_URL: nats.url, K8STA_NATS_USER: user, K8STA_NATS_PASSWORD_FILE: passwordFile },
          ...{ K8STA_TRACKS: tracks, K8STA_HTTP_PORT: String(port) },
          ...environment,
        },
      });
      boards.push(started);
      await started.ready();
      return { url: `http://127.0.0.1:${environment['K8STA_HTTP_PORT'] ?? port}`, service: started };
    },
    stop: () => stopAll(boards, [bus, watcher], nats, directory),
  };
}

async function stopAll(
  boards: readonly Service[],
  buses: readonly Bus[],
  nats: DeployedNats,
  directory: TemporaryDirectory,
): Promise<void> {
  for (const board of boards) await board.stop();
  for (const each of buses) await each.close();
  const refused = nats.refusals.list();
  await nats.stop();
  await directory.remove();
  if (refused.length > 0) throw new Error(`NATS refused something to a user of deploy/:\n${refused.join('\n')}`);
}

/** Stores every word as the tracker's API does, without looking at the state; refuses the Ticket "gone". */
function answering(bus: Bus, words: DataOf<'operator.word'>[]): ApiHandlers {
  const say =
    (verb: WordVerb) =>
    async (request: Readonly<Record<string, unknown>>, actor: string): Promise<ApiReply<WordVerb>> => {
      const { onBehalfOf, id, image: _image, force: _force, ...fields } = request;
      if (fields['ticket'] === 'gone') return { ok: false, reason: 'TicketOver', message: 'the Ticket has ended' };
      let sequence = 0;
      for (const track of fields['track'] === undefined ? ['storefront', 'payments'] : [fields['track']]) {
        const data = { ...fields, track, verb, by: onBehalfOf ?? actor, at: new Date().toISOString() };
        const word = data as unknown as DataOf<'operator.word'>;
        const eventIdOfWord = eventId('operator.word', String(id ?? words.length), String(track));
        const stored = await bus.publish({ type: 'operator.word', id: eventIdOfWord, data: word });
        if (!stored.duplicate) words.push(word);
        sequence = stored.sequence;
      }
      return { ok: true, sequence };
    };
  return Object.fromEntries(apiVerbs.map((verb) => [verb, say(verb as WordVerb)])) as unknown as ApiHandlers;
}

/** Pushed later than one with a lower tag. */
function ticketOf(track: string, id: string, tag: string, state: TicketState) {
  const at = new Date(1_700_000_000_000 + Number(tag.replace(/\D/g, '')) * 1_000).toISOString();
  return {
    ...{ id, track, image: { repository: `docker.io/acme/${track}`, tag }, sender: 'dockerhub', sequence: 1 },
    ...{ pushedAt: at, receivedAt: at, openedAt: at, stations: [], state },
  };
}

function observedOf(name: string, image: string, version: number): DataOf<'application.observed'> {
  const at = new Date().toISOString();
  return {
    ...{ instance: 'default', namespace: 'argocd', name, uid: 'u', resourceVersion: String(version) },
    ...{
      createdAt: at,
      observedAt: at,
      project: 'default',
      sources: [],
      autoSync: true,
      frozen: false,
      deleting: false,
    },
    ...{ sync: { status: 'Synced', revisions: [] }, health: { status: 'Healthy' }, operationPending: false },
    ...{ errors: [], images: [image] },
  };
}
