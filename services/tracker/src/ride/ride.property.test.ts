import assert from 'node:assert/strict';
import type { Station, Track } from '@k8sta/tracks';
import fc from 'fast-check';
import { withStations } from './line.fixture.js';
import { trackState } from './state.js';
import { policy } from './track.fixture.js';
import { images, World } from './world.fixture.js';

/** How many random lives a run of the suite tries. */
const runs = Number(process.env['K8STA_RIDE_RUNS'] ?? 30);

const minute = 60_000;
const tags = ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '2.0.0-rc.1'];

interface Doing {
  readonly what: keyof typeof doings;
  readonly pick: number;
  readonly other: number;
}

const pickOf = <T>(all: readonly T[], at: number): T | undefined => all[at % Math.max(all.length, 1)];
const timeOf = (at: number) => pickOf([1_000, 20_000, minute, 10 * minute, 40 * minute, 120 * minute], at) ?? 0;

/** Everything that can happen, with a pick of whatever is there to happen to. */
const doings = {
  push: (world: World, { pick, other }: Doing) => {
    const pushedAt = new Date(world.now.getTime() - (other % 3 === 0 ? timeOf(pick) : 0));
    world.push(pickOf(images, other) ?? '', pickOf(tags, pick) ?? '', pushedAt);
  },
  commit: (world: World, { pick }: Doing) => {
    const request = pickOf(world.open, pick);
    if (request) world.commit(request);
  },
  refuse: (world: World, { pick, other }: Doing) => {
    const request = pickOf(world.open, pick);
    const closed = request?.write?.pullRequest ? 'ProposalClosed' : 'RefRefused';
    if (request) world.refuse(request, other % 2 ? closed : 'Withdrawn');
  },
  propose: (world: World, { pick }: Doing) => {
    const request = pickOf(
      world.open.filter(({ write }) => write?.pullRequest),
      pick,
    );
    if (request) world.propose(request);
  },
  delay: (world: World, { pick }: Doing) => {
    const request = pickOf(world.open, pick);
    if (!request) return;
    const { promotion, part, ticket, track, station } = request;
    const at = { attempt: 1, retryAt: world.now.toISOString() };
    world.take({ type: 'delayed', data: { promotion, part, ticket, track, station, message: '503', ...at } });
  },
  sync: (world: World, { pick }: Doing) => world.sync(pickOf(world.applications(), pick) ?? ''),
  lag: (world: World, { pick, other }: Doing) =>
    world.sync(pickOf(world.applications(), pick) ?? '', 'Healthy', 1 + (other % 2)),
  sicken: (world: World, { pick, other }: Doing) =>
    world.sync(pickOf(world.applications(), pick) ?? '', pickOf(['Degraded', 'Progressing', 'Suspended'], other)),
  person: (world: World, { pick, other }: Doing) => {
    world.git.change(
      pickOf(world.applications(), pick) ?? '',
      pickOf(images, other) ?? '',
      pickOf(tags, other) ?? '',
      false,
    );
  },
  answer: (world: World, { pick }: Doing) => {
    const question = pickOf(world.questions, pick);
    if (question) world.answer(question);
  },
  answerElsewhere: (world: World, { pick, other }: Doing) => {
    const question = pickOf(world.elsewhere, pick);
    if (!question) return;
    const { ticket, about } = question;
    const ends =
      about.is === 'arrival' ? ['arrived', undefined] : ['completed', undefined, 'superseded', 'failed', 'completed'];
    const is = pickOf(ends, other);
    const by = is === 'superseded' ? { by: `${about.is}-${other}` } : {};
    world.take({ type: 'elsewhereKnown', ticket, about, ...(is !== undefined && { is }), ...by });
  },
  again: (world: World, { pick }: Doing) => {
    const input = pickOf(world.delivered, pick);
    if (input) world.take(input, true);
  },
  wipe: (world: World) => world.take({ type: 'streamsLost' }),
  wait: (world: World, { pick }: Doing) => world.later(timeOf(pick)),
  current: (world: World) => world.current(),
  approve: (world: World, { pick, other }: Doing) =>
    onTicket(world, 'approve', pick, { station: stationOf(world, other) }),
  cancel: (world: World, { pick }: Doing) => onTicket(world, 'cancel', pick, {}),
  express: (world: World, { pick, other }: Doing) =>
    onTicket(world, 'express', pick, other % 2 ? { station: stationOf(world, other) } : {}),
  report: (world: World, { pick, other }: Doing) =>
    onTicket(world, 'check', pick, { station: 'prod', name: 'smoke', outcome: other % 3 === 0 ? 'failed' : 'passed' }),
  pause: (world: World, { pick }: Doing) => world.say('pause', pick % 2 ? { station: stationOf(world, pick) } : {}),
  resume: (world: World, { pick }: Doing) => world.say('resume', pick % 2 ? { station: stationOf(world, pick) } : {}),
  promote: (world: World, { pick, other }: Doing) => {
    const image = { repository: pickOf(images, other), tag: pickOf(tags, pick) };
    world.say('promote', { image, attempt: 100 + (other % 7), ...(other % 3 && { station: stationOf(world, other) }) });
  },
  rollback: (world: World, { pick, other }: Doing) => {
    const image = { repository: pickOf(images, other), tag: pickOf(tags, pick) };
    world.say('rollback', { image, attempt: 200 + (other % 7), station: stationOf(world, other) });
  },
};

function onTicket(world: World, verb: string, pick: number, word: object): void {
  const live = pickOf(world.live(), pick);
  if (live) world.say(verb, { ticket: live.ticket.id, ...word });
}

function stationOf(world: World, pick: number): string {
  return pickOf(world.track.stations, pick)?.name ?? '';
}

const often: Doing['what'][] = [
  'push',
  'push',
  'commit',
  'commit',
  'commit',
  'propose',
  'propose',
  'propose',
  'sicken',
  'wait',
  'sync',
  'sync',
  'answer',
  'answer',
  'answer',
  'current',
  'current',
];
const doing = fc.record({
  what: fc.constantFrom(...often, ...(Object.keys(doings) as Doing['what'][])),
  pick: fc.nat(1_000),
  other: fc.nat(1_000),
});

const feature = <T>(value: T) => fc.constantFrom<T | undefined>(undefined, value);
const aTrack = fc
  .record({
    order: fc.constantFrom('semver', 'push'),
    soak: feature({ soakMs: 5 * minute }),
    rollback: feature({ onFailure: 'rollback' } as const),
    goOn: feature({ afterRevert: 'goOn' } as const),
    approval: fc.constantFrom(undefined, { count: 1 }, { count: 1, byMerge: true }),
    write: feature({ write: { pullRequest: { merge: 'byPeople' } } } as const),
    checks: feature([{ name: 'smoke', of: 'stage', timeoutMs: 30 * minute }]),
    after: feature([{ track: 'eu', station: 'prod' }]),
    windows: feature([{ kind: 'allow', schedule: '0 * * * *', durationMs: 20 * minute, timeZone: 'UTC' } as const]),
    junction: fc.boolean(),
  })
  .map(({ order, soak, rollback, goOn, approval, write, checks, after, windows, junction }): Track => {
    const two = { applications: ['stage-eu', 'stage-us'].map((name) => ({ namespace: 'argocd', name })) };
    const isOpen = approval?.byMerge && !write;
    const gates = { ...(approval && !isOpen && { approval }), ...(checks && { checks }), ...(windows && { windows }) };
    const stations: Record<string, Partial<Omit<Station, 'gates'>> & { gates?: Partial<Station['gates']> }> = {
      dev: { ...soak, ...rollback, ...goOn },
      stage: { ...two, ...write, ...rollback, ...soak, gates: { ...(after && { after }) } },
      ...(junction && { world: { tracks: ['eu', 'us'] } }),
      prod: { ...rollback, ...write, gates },
    };
    const subscriptions = images.map((repository) => ({ repository, tags: { is: 'strictSemver' } as const }));
    return withStations(stations, { order: order as Track['order'], images: subscriptions });
  });

/** The stored document holds everything, and nothing else. */
function checkDocument({ state }: World): void {
  assert.deepEqual(trackState.parse(JSON.parse(JSON.stringify(state))), JSON.parse(JSON.stringify(state)));
}

function live(world: World, life: readonly Doing[]): void {
  for (const each of life) {
    doings[each.what](world, each);
    world.check();
    checkDocument(world);
  }
}

/** Everybody does what is asked of them; Argo CD deploys, and all is healthy. */
function settle(world: World): void {
  const reasons = new Map(world.live().map(({ ticket }) => [ticket, ticket.state as Record<string, unknown>]));
  const stations = [undefined, ...world.track.stations.map(({ name }) => name)];
  if ([...reasons.values()].some(({ reason }) => reason === 'Paused' || reason === 'HeldByPerson')) {
    for (const station of stations) world.say('resume', station === undefined ? {} : { station });
  }
  for (const [{ id: ticket }, { reason, next: station }] of reasons) {
    if (reason === 'ApprovalMissing') world.say('approve', { ticket, station });
    const word = { ticket, station: 'prod', name: 'smoke', outcome: 'passed' };
    if (world.state.tickets[ticket]?.checks?.['prod/smoke']?.outcome === undefined) world.say('check', word);
  }
  for (const request of [...world.open]) world.commit(request);
  for (const name of world.applications()) world.sync(name);
  for (let round = 0; round < 30 && world.questions[0]; round++) world.answer(world.questions[0]);
  for (const { ticket, about } of world.elsewhere) {
    world.take({ type: 'elsewhereKnown', ticket, about, is: about.is === 'arrival' ? 'arrived' : 'completed' });
  }
  world.check();
}

/** What a newer Ticket left behind when it failed keeps the older one until a person acts. */
const isLeftBehind = (world: World) => world.live().every(({ ticket }) => ticket.state['reason'] === 'ReplacedHere');

describe('a Track, whatever happens', () => {
  it('holds its promises at every step, and every Ticket ends', function () {
    this.timeout(0);
    fc.assert(
      fc.property(aTrack, fc.array(doing, { minLength: 25, maxLength: 80, size: 'max' }), (track, life) => {
        const world = new World(track);
        live(world, life);
        world.isRaced = false;
        for (let round = 0; round < 80 && !isLeftBehind(world); round++) {
          settle(world);
          world.later(2 * minute);
          world.current();
        }
        const open = world.live().map(({ ticket }) => `${ticket.image.tag}: ${JSON.stringify(ticket.state)}`);
        assert.ok(isLeftBehind(world), `after hours, these are still open: ${open.join('\n')}`);
        for (const request of [...world.open]) world.commit(request);
        world.later(policy.maxAgeMs);
        world.current();
        assert.deepEqual(world.live(), []);
      }),
      {
        numRuns: runs,
        ...(process.env['K8STA_RIDE_SECONDS'] && {
          interruptAfterTimeLimit: Number(process.env['K8STA_RIDE_SECONDS']) * 1_000,
        }),
      },
    );
  });
});
