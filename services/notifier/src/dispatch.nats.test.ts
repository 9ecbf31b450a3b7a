import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus } from '@k8sta/bus';
import { everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { type DispatchOptions, dispatch } from './dispatch.js';
import type { DeliveryOutcome } from './metrics.js';
import type { AnyPlaced } from './notice.js';
import { openOutlets } from './outlets.js';
import { type HttpReceiver, startHttpReceiver, type Treatment } from './receivers/http-receiver.fixture.js';
import { parseRules } from './rules/parse.js';
import { firstStart } from './started.js';

const hourMs = 3_600_000;
const began = new Date('2026-01-01T08:00:00Z');

function failed(ticket: string, sequence = 1, at = began): AnyPlaced {
  const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };
  const data = {
    ticket,
    track: 'storefront',
    image,
    reason: 'SyncFailed',
    message: 'no',
    failedAt: at.toISOString(),
  } as const;
  return { type: 'ticket.failed', id: `ticket.failed/${ticket}`, sequence, time: at, data };
}

/** With a real bucket and a real receiver, and a clock that the test sets. */
describe('an event', () => {
  let nats: NatsServer;
  let bus: Bus;
  let pager: HttpReceiver;
  let secrets: string;
  let now: Date;
  const logged: string[] = [];
  const counted: DeliveryOutcome[] = [];

  beforeEach(async () => {
    nats = await startNats();
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    bus = await connectBus({ service: 'notifier', uses: everyUse, connection: { servers: nats.url }, log: quiet });
    pager = await startHttpReceiver(() => ({ status: 202 }));
    secrets = await mkdtemp(join(tmpdir(), 'k8sta-notifier-'));
    await writeFile(join(secrets, 'key'), 'a-key-of-sixteen-characters');
    now = began;
    logged.length = 0;
    counted.length = 0;
  });
  afterEach(async () => {
    await pager?.stop();
    await bus?.close();
    await nats?.stop();
    await rm(secrets, { recursive: true });
  });

  /** What one replica works with. */
  function replica(change: Partial<DispatchOptions> = {}): DispatchOptions {
    const text = `receivers: [{name: pager, webhook: {url: "${pager.url}/", secretFile: key}}]\nrules: [{name: a, to: [pager]}]\n`;
    const parsed = parseRules('rules.yaml', text, { isInsecureAllowed: false });
    assert.ok('rules' in parsed);
    const { receivers, rules, links } = parsed.rules;
    const log = {
      debug() {},
      info() {},
      warn() {},
      error: (fields: object, said?: string) => {
        const { reason, message } = fields as { reason?: string; message?: string };
        logged.push(`${said} (${reason}: ${message})`);
      },
    };
    return {
      ...{ rules, links, outlets: openOutlets(receivers, { secrets, timeoutMs: 300, isInsecureAllowed: false }) },
      ...{ bucket: bus.notices, giveUpMs: 24 * hourMs, leaseMs: 900, now: () => now, log, startedAt: new Date(0) },
      ...{ ticket: async () => undefined, metrics: { delivered: (_receiver, outcome) => void counted.push(outcome) } },
      ...change,
    };
  }
  const unavailable = (times: number): Treatment[] => Array.from({ length: times }, () => ({ status: 503 }));

  it('is given up after a day, once, with an error and a metric', async () => {
    pager.treat(...unavailable(1));
    const options = replica();
    assert.equal((await dispatch(failed('t1'), 1, options)).is, 'later');
    now = new Date(began.getTime() + 24 * hourMs + 1);
    for (const _ of [1, 2]) assert.equal((await dispatch(failed('t1'), 2, options)).is, 'done');
    assert.deepEqual(logged, [
      'notification given up: it could not be sent in time (NotificationExpired: it answered 503)',
    ]);
    assert.deepEqual(counted, ['retried', 'expired']);
    assert.equal(pager.got.length, 1);
  });

  it('does not reach a receiver that is away more than its gate lets through, however many there are', async () => {
    pager.treat(...unavailable(1_000));
    const options = replica();
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, (_, n) => dispatch(failed(`t${n}`, n + 1), 12, options)),
    );
    assert.ok(pager.got.length <= 10, `${pager.got.length} requests`);
    for (const outcome of outcomes) assert.ok(outcome.is === 'later' && outcome.delayMs >= 60_000);
  });

  it('is sent by one of two replicas that have it at the same time, and by nobody after that', async () => {
    const replicas = [replica(), replica()];
    const outcomes = await Promise.all(replicas.map((each) => dispatch(failed('t1'), 1, each)));
    assert.equal(pager.got.length, 1);
    assert.ok(outcomes.some(({ is }) => is === 'done'));
    for (const each of replicas) assert.equal((await dispatch(failed('t1'), 2, each)).is, 'done');
    assert.equal(pager.got.length, 1);
  });

  it('waits for the lease of a replica that died while it sent, and is then sent under the same id', async () => {
    pager.treat('hangs');
    const died = replica();
    assert.equal((await dispatch(failed('t1'), 1, died)).is, 'later');
    const next = replica();
    const early = await dispatch(failed('t1'), 2, next);
    assert.ok(early.is === 'later' && early.delayMs <= 900);
    assert.equal(pager.got.length, 1);
    now = new Date(began.getTime() + 900);
    assert.equal((await dispatch(failed('t1'), 3, next)).is, 'done');
    const [first, second] = pager.got;
    assert.equal(first?.headers['idempotency-key'], second?.headers['idempotency-key']);
  });

  it('is not sent if it happened before the first notifier ran on this bus', async () => {
    const startedAt = await firstStart(bus.notices, began);
    assert.deepEqual(await firstStart(bus.notices, new Date()), began, 'the first start is remembered');
    await dispatch(failed('old', 1, new Date(began.getTime() - 1)), 1, replica({ startedAt }));
    await dispatch(failed('new', 2, began), 1, replica({ startedAt }));
    assert.deepEqual(
      pager.got.map(({ body }) => JSON.parse(body).ticketid),
      ['new'],
    );
  });
});
