import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readCommits } from './replay/commits.js';
import { InputFault } from './replay/fault.js';
import { Replay } from './replay/replay.js';
import { readObjects, readTrace, type TraceEvent } from './replay/trace.js';

const happy = fileURLToPath(new URL('replay/traces/a-happy-refresh', import.meta.url));
const recorded: { object: object }[] = gunzipSync(readFileSync(`${happy}.jsonl.gz`))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

async function all(file: string): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  for await (const event of readTrace(file)) events.push(event);
  return events;
}

/** Replays the file with the default policy. */
async function arrivals(file: string): Promise<string[]> {
  const policy = { degradedGraceMs: 120_000, settleMs: 5_000, settleAfterRolloutMs: 1_000, askAgainMs: 5_000 };
  const replay = new Replay({ commits: await readCommits(`${happy}.commits.json`), policy, windows: {} });
  const events = await all(file);
  const end = events.at(-1)?.at.getTime() ?? 0;
  const changes = [...events.flatMap((event) => replay.take(event)), ...replay.runTo(new Date(end + 60_000))];
  return changes.filter(({ verdict }) => verdict.is === 'arrived').map(({ application }) => application);
}

describe('what is replayed', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'k8sta-replay-'));
  });
  after(() => rm(directory, { recursive: true }));

  async function file(name: string, text: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  }

  async function faultOf(read: Promise<unknown>): Promise<string> {
    const fault = await read.then(
      () => assert.fail('nothing was wrong with it'),
      (error: unknown) => error,
    );
    assert.ok(fault instanceof InputFault, String(fault));
    return fault.message.replace(`${directory}/`, '');
  }

  it('may hold events one per line, events without a time, or bare objects, pretty-printed one after the other', async () => {
    const expected = await arrivals(`${happy}.jsonl.gz`);
    assert.equal(expected.length, 4);
    const forms = {
      'watch-events.jsonl': recorded.map(({ object }) => JSON.stringify({ type: 'MODIFIED', object })).join('\n'),
      'kubectl.json': recorded.map(({ object }) => JSON.stringify(object, null, 4)).join('\n'),
      'together.json': recorded.map(({ object }) => JSON.stringify(object)).join(''),
      'list.json': JSON.stringify({ kind: 'List', items: recorded.map(({ object }) => object) }),
    };
    for (const [name, text] of Object.entries(forms)) {
      assert.deepEqual(await arrivals(await file(name, text)), expected, name);
    }
  });

  it('takes the time from its newest object, and never runs backwards', async () => {
    const object = (reconciledAt: string) => ({
      kind: 'Application',
      metadata: { name: 'a', creationTimestamp: '2026-03-01T09:00:00Z' },
      spec: { note: '2030-01-01T00:00:00Z' },
      status: { reconciledAt },
    });
    const times = ['2026-03-01T12:00:00Z', '2026-03-01T11:00:00Z', '2026-03-01T12:00:01Z'];
    const events = await all(await file('times.jsonl', times.map((time) => JSON.stringify(object(time))).join('\n')));
    assert.deepEqual(
      events.map(({ at }) => at.toISOString()),
      ['2026-03-01T12:00:00.000Z', '2026-03-01T12:00:00.000Z', '2026-03-01T12:00:01.000Z'],
    );
  });

  it('ignores brackets, quotes and escapes inside strings', async () => {
    const object = { kind: 'Application', metadata: { name: '}"{[\\' }, status: {} };
    const events = await all(await file('escapes.json', `${JSON.stringify(object, null, 2)}${JSON.stringify(object)}`));
    assert.deepEqual(
      events.map((event) => event.object),
      [object, object],
    );
  });

  for (const [what, text, says] of [
    ['no JSON', '\nnonsense', 'trace:2: expected a JSON object, found "n"'],
    ['broken JSON', '\n{"kind": oops}', /^trace:2: the object that begins here is not JSON: /],
    ['an object without an end', '\n\n{"kind": "Applic', 'trace:3: the object that begins here does not end'],
    ['an object of another kind', '\n\n{"kind": "Pod"}', 'trace:3: expected Application, found Pod'],
    ['an event without a valid object', '{"type": "ADDED", "object": 7}', /^trace:1: object: /],
    ['an event of another type', '{"type": "NEW", "object": {}}', /^trace:1: type: /],
    [
      'a watch that was broken off',
      '{"type": "ERROR", "object": {"kind": "Status", "message": "too old"}}',
      'trace:1: the watch ended here: too old',
    ],
  ] as const) {
    it(`is refused as ${what}, with the line`, async () => {
      const fault = await faultOf(all(await file('trace', text)));
      if (typeof says === 'string') assert.equal(fault, says);
      else assert.match(fault, says);
    });
  }

  it('is refused if an Application has no name, with the line', async () => {
    const events = await all(await file('trace', '\n{"kind": "Application", "metadata": {}}'));
    const replay = new Replay({ commits: [], policy: {} as never, windows: {} });
    assert.throws(() => replay.take(events[0] as TraceEvent), /trace:2: metadata\.namespace: /);
  });

  for (const [what, text, says] of [
    ['no list', '{}', 'commits:1: must be a list of commits'],
    ['no JSON or YAML', '[\n{"at": ]', /^commits:2: /],
    [
      'an abbreviated commit',
      '[\n {"at": "2026-11-26T20:07:22Z",\n  "commit": "0eb9b5a"}]',
      'commits:3: 0.commit: must be a full Git commit id',
    ],
    [
      'a key it does not know',
      `- at: 2026-11-26T20:07:22Z\n  commit: ${'a'.repeat(40)}\n  by: me`,
      /^commits:1: 0: .*"by"/,
    ],
    [
      'a Station without Applications',
      `[\n\n {"at": "2026-11-26T20:07:22Z", "commit": "${'a'.repeat(40)}", "station": "dev"}]`,
      /^commits:3: 0: must have both station and applications/,
    ],
  ] as const) {
    it(`is refused if the commits file has ${what}, with the line`, async () => {
      const fault = await faultOf(readCommits(await file('commits', text)));
      if (typeof says === 'string') assert.equal(fault, says);
      else assert.match(fault, says);
    });
  }

  it('accepts the commits file that docs/operations.md shows', async () => {
    const operations = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8');
    const [, yaml = ''] = /## Report a wrong wait[\s\S]*?```yaml\n([\s\S]*?)```/.exec(operations) ?? [];
    const [first, second] = await readCommits(await file('commits.yaml', yaml));
    assert.equal(first?.image?.repository, 'docker.io/acme/storefront');
    assert.deepEqual(second?.names, { 'storefront-dev': 'acme/storefront:0.9.0' });
  });

  it('is refused if a file does not exist or is not a gzip file', async () => {
    assert.equal(await faultOf(all(join(directory, 'absent'))), 'absent: it does not exist');
    assert.equal(await faultOf(all(join(directory, 'absent.gz'))), 'absent.gz: it does not exist');
    assert.equal(await faultOf(all(await file('plain.gz', 'text'))), 'plain.gz: is not a gzip file');
    assert.equal(await faultOf(readCommits(join(directory, 'absent'))), 'absent: it does not exist');
    assert.equal(
      await faultOf(readObjects(await file('projects', '{"kind": "Application"}'), 'AppProject')),
      'projects:1: expected AppProject, found Application',
    );
  });
});
