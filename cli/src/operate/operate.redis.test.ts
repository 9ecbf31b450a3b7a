import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Bus, connectBus } from '@k8sta/bus';
import { type DataOf, eventId, everyUse, ticketId } from '@k8sta/contracts';
import {
  admin,
  argumentsOf,
  type DeployedNats,
  type DeployedRedis,
  type Service,
  startDeployedNats,
  startDeployedRedis,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/cli');
const require = createRequire(import.meta.url);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const repository = 'docker.io/acme/app';
const image = (tag: string) => ({ repository, tag });

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as a person does. */
function k8sta(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment };
    execFile(process.execPath, [...main, ...args], { timeout: 60_000, env }, (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });
}

/** The block that `k8sta nats-user` prints, with the name as its password. */
async function printed(name: string, ...flags: string[]): Promise<string> {
  const { code, out, err } = await k8sta(['nats-user', name, ...flags]);
  assert.equal(code, 0, err);
  return out.replace(`$${name}_password`, JSON.stringify(name));
}

/** The tracker as a process, with the users of deploy/ on NATS and Redis and those that `k8sta nats-user` prints. */
describe('k8sta, speaking to a running K8sTA', () => {
  let directory: TemporaryDirectory;
  let nats: DeployedNats;
  let redis: DeployedRedis;
  let tracker: Service;
  /** Everybody else on the bus. */
  let others: Bus;

  before(async () => {
    directory = await temporaryDirectory('operate');
    const people = {
      alice: await printed('alice'),
      ci: await printed('ci', '--may', 'check'),
      eve: await printed('eve', '--watch'),
    };
    [nats, redis] = await Promise.all([startDeployedNats(people), startDeployedRedis()]);
    const tracks = join(directory.path, 'tracks.yaml');
    const track = (name: string) =>
      `{name: ${name}, images: [{repository: acme/app}], stations: [{name: dev, applications: [${name}-dev]}, {name: prod, applications: [${name}-prod]}]}`;
    await writeFile(tracks, `tracks: [${track('shop')}, ${track('stall')}]`);
    tracker = await startService({
      name: 'tracker',
      entry: pathToFileURL(require.resolve('@k8sta/tracker')).href,
      environment: {
        ...{ K8STA_NATS_URL: nats.url, K8STA_NATS_USER: 'tracker', K8STA_TRACKS: tracks },
        ...{ K8STA_NATS_PASSWORD_FILE: nats.as('tracker').passwordFile, K8STA_REDIS_URL: redis.url },
        ...{ K8STA_REDIS_USER: 'tracker', K8STA_REDIS_PASSWORD_FILE: redis.as('tracker').passwordFile },
      },
    });
    await tracker.ready();
    const { servers, user, passwordFile } = nats.as(admin);
    others = await connectBus({
      service: 'tracker',
      uses: everyUse,
      connection: { servers, user, passwordFile },
      log: quiet,
    });
    await mkdir(join(directory.path, 'nats/context'), { recursive: true });
    for (const name of ['alice', 'ci', 'eve']) {
      const context = { description: '', url: nats.url, user: name, password: name, creds: '', inbox_prefix: '' };
      await writeFile(join(directory.path, `nats/context/${name}.json`), JSON.stringify(context));
    }
    await writeFile(join(directory.path, 'nats/context.txt'), 'alice\n');
  });
  after(async () => {
    await others?.close();
    await tracker?.stop();
    await redis?.stop();
    await nats?.stop();
    await directory?.remove();
  });

  /** Runs the command with the contexts of the NATS CLI, of which alice's is selected. */
  const run = (...args: string[]) => k8sta(args, { XDG_CONFIG_HOME: directory.path });
  const done = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await run(...args);
    assert.deepEqual([code, err], [0, ''], `${args.join(' ')}\n${out}`);
    return out;
  };
  const refused = async (args: string[], words: RegExp, code = 1): Promise<void> => {
    const ran = await run(...args);
    assert.match(ran.err, words, `${args.join(' ')}\n${ran.out}`);
    assert.deepEqual([ran.code, ran.out], [code, '']);
  };

  /** A Ticket that ingest opens. */
  const open = async (track: string, tag: string): Promise<string> => {
    const ticket = ticketId(track, image(tag));
    const data = { ticket, track, image: image(tag), sender: 'dockerhub', pushedAt: new Date().toISOString() };
    await others.publish({ type: 'ticket.opened', id: eventId('ticket.opened', ticket), ticketId: ticket, data });
    await until(async () => others.ticket(track, ticket));
    return ticket;
  };
  const lastWord = async (track: string, verb: DataOf<'operator.word'>['verb']) => {
    const { id, type, sequence, time, ...word } =
      (await others.last('operator.word', { track, verb })) ?? assert.fail();
    return word.data;
  };

  it('lists Tracks and Tickets, and shows the life of a Ticket found by how its id begins', async () => {
    assert.match(
      await done('tracks'),
      /^TRACK +STATIONS .*\nshop +dev -> prod +\d .*\nstall +dev -> prod +0 +\d+ +- +docker/,
    );
    const ticket = await open('shop', '1.0.0');
    const line = new RegExp(
      `^TICKET .*\\n${ticket}  shop +${repository}:1.0.0 .* waiting dev: \\(ApplicationNotObserved\\)`,
    );
    assert.match(await done('tickets', '--track', 'shop'), line);
    assert.equal(await done('tickets', '--track', 'stall'), 'no Ticket\n');
    const shown = await done('ticket', ticket.slice(0, 8));
    assert.match(shown, new RegExp(`^Ticket: +${ticket}\\nTrack: +shop\\nimage: +${repository}:1.0.0\\n`));
    assert.match(shown, /\n\S+Z +opened +by dockerhub\n\S+Z +waiting +dev +\(ApplicationNotObserved\) /);
    assert.match(await done('track', 'shop'), new RegExp(`\\ndev +- +- +${ticket} +- +argocd/shop-dev\\n`));
    await Promise.all([
      refused(['track', 'shpo'], /^refused \(TrackUnknown\): .*"shpo"\n$/),
      refused(['ticket', 'zzzzzz'], /^refused \(TicketUnknown\): there is no Ticket "zzzzzz"\n$/),
      refused(
        ['ticket', 'abc'],
        /^ticket: must be the id of a Ticket, or at least 4 characters with which it begins\n$/,
        2,
      ),
    ]);
  });

  it('cancels a Ticket with a word that says who and why, and prints it as JSON', async () => {
    const ticket = await open('stall', '1.0.0');
    const reply = JSON.parse(await done('cancel', ticket, '-m', 'wrong image', '-o', 'json'));
    assert.deepEqual([reply.ok, reply.ticket, reply.track], [true, ticket, 'stall']);
    const { at, ...word } = await lastWord('stall', 'cancel');
    assert.deepEqual(word, { track: 'stall', verb: 'cancel', by: 'alice', message: 'wrong image', ticket });
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
    assert.match(await done('ticket', ticket), /\n\S+Z +cancel +by alice wrong image\n/);
  });

  it('pauses and resumes a Station, a Track, or every Track', async () => {
    assert.match(await done('pause', 'shop/prod', '-m', 'freeze'), /^paused shop\/prod \(word \d+\)\n$/);
    assert.equal((await lastWord('shop', 'pause')).station, 'prod');
    assert.match(await done('pause', '--all'), /^paused 2 Tracks \(word \d+\)\n$/);
    assert.equal((await lastWord('stall', 'pause')).by, 'alice');
    assert.match(await done('resume', '--all'), /^resumed 2 Tracks/);
    await refused(
      ['pause', 'shop/moon'],
      /^refused \(StationUnknown\): Track shop has no Station "moon"; it has dev, prod\n/,
    );
    await Promise.all([
      refused(['pause'], /^name a Track or a Station, or give --all\n$/, 2),
      refused(['pause', 'shop', '--all'], /^name a Track or a Station/, 2),
      refused(['pause', 'a/b/c'], /not of the form/, 2),
    ]);
  });

  it('promotes an image, retries and expresses Tickets, and says what is refused', async () => {
    const older = await open('shop', '2.0.0');
    const newer = await open('shop', '2.1.0');
    await until(async () => (await others.ticket('shop', older))?.state.is === 'superseded');
    assert.match(await done('tickets', '--track', 'shop', '--all'), new RegExp(`\n${older} .* superseded`));
    const second = ticketId('shop', image('2.0.0'), 2);
    assert.match(
      await done('retry', older.slice(0, 10)),
      new RegExp(`^opened Ticket ${second} at dev of shop \\(word`),
    );
    await Promise.all([
      refused(['retry', newer], /^refused \(TicketNotOver\)/),
      refused(['cancel', older], /^refused \(TicketOver\)/),
    ]);
    assert.match(await done('express', newer, '--to', 'dev'), /goes by express to dev/);
    await Promise.all([
      refused(['promote', 'shop', 'acme/app:latest'], /^refused \(TagNotSubscribed\)/),
      refused(['promote', 'shop', 'acme/other:1.0.0', '--force'], /^refused \(NotSubscribed\)/),
    ]);
    const forced = ticketId('shop', image('latest'));
    const promoted = await done('promote', 'shop', 'acme/app:latest', '--force', '--station', 'prod');
    assert.match(promoted, new RegExp(`^opened Ticket ${forced} at prod of shop`));
    assert.equal((await lastWord('shop', 'promote')).image?.tag, 'latest');
    await Promise.all([
      refused(['approve', newer], /^refused \(NoApprovalGate\)/),
      refused(['check', newer, 'prod', 'smoke', 'passed'], /^refused \(CheckUnknown\)/),
      refused(['check', newer, 'prod', 'smoke', 'green'], /green.*invalid.*passed, failed/i, 2),
      refused(['rollback', 'shop/prod'], /^refused \(NeverArrived\)/),
      refused(['rollback', 'shop'], /name the Station: shop\/<station>/, 2),
    ]);
  });

  it('lets each person say what their NATS user may, under their own name', async () => {
    const ticket = await open('stall', '3.0.0');
    const denied = await run('cancel', ticket, '--context', 'ci');
    assert.deepEqual([denied.code, denied.out], [1, '']);
    assert.match(
      denied.err,
      /NATS does not let this user publish k8sta\.api\.ci\.cancel: connect as a user that may speak as ci/,
    );
    const other = await run('cancel', ticket, '--context', 'ci', '--as', 'alice');
    assert.match(other.err, /does not let this user publish k8sta\.api\.alice\.cancel/);
    assert.equal((await run('tickets', '--context', 'ci')).code, 0);
    const missing = await run('tickets', '--context', 'nobody');
    assert.deepEqual([missing.code, missing.out], [2, '']);
    assert.match(missing.err, /context "nobody" of the NATS CLI cannot be read: .*nobody\.json: it does not exist/);
    const flags = ['--nats-url', nats.url, '--nats-password-file', nats.as('operator').passwordFile];
    assert.equal((await run('pause', 'stall', ...flags)).code, 0);
    assert.equal((await lastWord('stall', 'pause')).by, 'operator');
  });

  it('tells what ran where, from which commit and by whose word', async () => {
    const promotion = { promotion: 't/dev/1', ticket: 't', track: 'stall', station: 'dev' };
    const head = { ticket: 'tttt', track: 'stall', image: image('4.0.0') };
    const at = new Date().toISOString();
    const commit = 'a'.repeat(40);
    const arrived = { ...head, ...promotion, ticket: 'tttt', arrivedAt: at };
    const word = { track: 'stall', verb: 'approve', by: 'bob', at, ticket: 'tttt', station: 'dev' } as const;
    await others.publish({ type: 'operator.word', id: eventId('operator.word', 'history'), data: word });
    await others.publish({
      ...{ type: 'ticket.arrived', id: eventId('ticket.arrived', 'history') },
      data: { ...arrived, applications: [{ namespace: 'argocd', name: 'stall-dev', commit, revision: commit }] },
    });
    const history = await done('history', 'stall/dev');
    assert.match(history, new RegExp(`\\n\\S+Z +dev +arrived +${repository}:4.0.0 +aaaaaaaa +approve by bob\\n`));
    assert.match(await done('history', 'stall'), /\n\S+Z +- +pause +- +- +operator\n/);
    const [entry] = (JSON.parse(await done('history', 'stall/dev', '-o', 'json')) as { what: string }[]).filter(
      ({ what }) => what === 'arrived',
    );
    assert.deepEqual(entry && { ...entry, time: '', sequence: 0 }, {
      ...{ time: '', sequence: 0, what: 'arrived', ticket: 'tttt', station: 'dev' },
      ...{ image: `${repository}:4.0.0`, commits: [commit], by: 'approve by bob' },
    });
    await refused(['history', 'stall', '--since', 'yesterday'], /--since "yesterday" is not a duration/, 2);
  });

  it('watches the board with a context of the NATS CLI', async () => {
    const { code, out, err } = await run('watch', '--context', 'eve', '--tracks', join(directory.path, 'tracks.yaml'));
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /stall/);
  });

  it('exits with 3 when no server or no tracker answers', async () => {
    await refused(['tickets', '--nats-url', 'nats://127.0.0.1:1'], /127\.0\.0\.1:1: connect ECONNREFUSED/, 3);
    await refused(['ticket', 'abc', '--nats-url', 'nats://127.0.0.1:1'], /^ticket: must be the id/, 2);
    await tracker.kill('SIGTERM');
    await tracker.ended;
    await refused(['pause', 'shop'], /no tracker answers; is K8sTA running on it\?/, 3);
    assert.deepEqual(
      nats.refusals.list().filter((line) => !/User "ci"/.test(line)),
      [],
    );
  });
});
