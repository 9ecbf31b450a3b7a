import assert from 'node:assert/strict';
import { freePort, type Line, type Service, type ServiceName } from '@k8sta/sandbox';
import { assertAsIfNothingHappened, assertNoDeadLetters, promotionsOf } from './as-if-nothing-happened.js';
import { startTestSystem, type TestSystem } from './test-system.js';
import { lines, threeLines } from './three-lines.js';

const names = ['ingest', 'tracker', 'promoter', 'argo-watcher'] as const;

/** What Kubernetes does to each Deployment of deploy/: a new pod starts, is ready, and then an old one stops. */
describe('a rolling update of all services', () => {
  let railway: TestSystem;
  const replicas = new Map<ServiceName, Service[]>();
  /** Where the ready replicas of ingest take webhooks. */
  const endpoints = new Map<Service, string>();
  let mirrors = 1;

  const start = async (name: ServiceName): Promise<Service> => {
    const port = String(await freePort());
    mirrors += 1;
    const own = {
      ingest: { K8STA_HTTP_PORT: port },
      promoter: { K8STA_MIRRORS: `${railway.directory}/mirrors-${mirrors}` },
    };
    const service = await railway.replica(name, { ...(name in own && own[name as keyof typeof own]) });
    if (name === 'ingest') endpoints.set(service, Object.assign(new URL(railway.webhookUrl), { port }).href);
    return service;
  };

  before(async () => {
    railway = await startTestSystem({ railway: threeLines });
    endpoints.set(railway.services.ingest, railway.webhookUrl);
    for (const name of names) replicas.set(name, [railway.services[name], await start(name)]);
  });
  after(() => railway?.stop());

  let posted = 0;
  const statuses = new Set<number>();
  const post = async (image: string, tag: string): Promise<string | undefined> => {
    const urls = [...endpoints.values()];
    posted += 1;
    const { status, tickets } = await railway.push(tag, {}, { image, url: urls[posted % urls.length] ?? '' });
    statuses.add(status);
    return tickets[0];
  };
  /** Webhooks that no Track subscribes to, one after the other: each replica gets some while another one stops. */
  const whilePosting = async (work: Promise<void>): Promise<void> => {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    while (!isOver) await post('acme/unrelated', '1.0.0');
    await over;
  };

  const roll = async (name: ServiceName): Promise<string[]> => {
    const ends: string[] = [];
    for (const old of replicas.get(name) ?? []) {
      await start(name);
      endpoints.delete(old);
      await whilePosting(old.kill('SIGTERM'));
      ends.push(await old.ended);
    }
    return ends;
  };

  it('answers every webhook by 2xx, and every Ticket ends with one commit for each Station', async () => {
    let isOver = false;
    /** The next one is pushed once this one is in its first Station, and the last one after the update. */
    const pushMeanwhile = async (line: Line): Promise<(string | undefined)[]> => {
      const tickets: (string | undefined)[] = [];
      for (let wasOver = false; !wasOver; ) {
        wasOver = isOver;
        const ticket = await post(line.image, `2.0.${tickets.length}`);
        tickets.push(ticket);
        await railway.tap.find('ticket.arrived', ({ data }) => data.ticket === ticket);
      }
      return tickets;
    };
    const pushing = lines.map(pushMeanwhile);
    const ends = await Promise.all(names.map(roll));
    isOver = true;
    const tickets = await Promise.all(pushing);
    assert.deepEqual([...new Set(ends.flat())], [`${process.execPath} ended with exit code 0`]);
    assert.deepEqual(
      [...statuses].filter((status) => status >= 300),
      [],
    );
    for (const [at, line] of lines.entries()) {
      const all = tickets[at] ?? [];
      const last = all.at(-1) ?? '';
      await railway.tap.completed(last);
      await assertAsIfNothingHappened(railway, last, line);
      for (const ticket of all) {
        const { type } = await Promise.race(
          (['ticket.completed', 'ticket.superseded'] as const).map((ending) =>
            railway.tap.find(ending, ({ data }) => data.ticket === ticket),
          ),
        );
        const promotions = await promotionsOf(railway, ticket ?? '');
        const stations = Object.keys(line.stations).slice(
          0,
          type === 'ticket.completed' ? undefined : promotions.length,
        );
        assert.deepEqual(
          promotions,
          stations.map((station) => `${ticket}/${station}/1/0`),
        );
      }
    }
    await assertNoDeadLetters(railway);
  });
});
