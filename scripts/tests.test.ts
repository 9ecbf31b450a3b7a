import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { folderInMemory } from './tests/memory.js';
import { runMocha } from './tests/mocha.js';
import { planRuns, tierOf, tiers } from './tests/plan.js';
import { type RunResult, summarize } from './tests/result.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { signal } = new AbortController();

describe('the test run', () => {
  it('knows by the name of a file which tier it belongs to', () => {
    assert.equal(tierOf('services/tracker/src/ride/decide.test.ts'), 'unit');
    assert.equal(tierOf('services/promoter/src/target/kustomize/edit.golden.test.ts'), 'unit');
    assert.equal(tierOf('libs/bus/src/ask.nats.test.ts'), 'real');
    assert.equal(tierOf('scripts/setup.test.ts'), 'real');
    assert.equal(tierOf('test/src/deploy/compose.test.ts'), 'flow');
  });

  it('runs every file once, the longest first', () => {
    const files = [
      'demo/src/demo.test.ts',
      'libs/a/src/a.test.ts',
      'libs/b/src/b.git.test.ts',
      'test/src/kill.test.ts',
    ];
    const runs = planRuns(files, tiers);
    assert.deepEqual(runs.flatMap((run) => run.files).sort(), files);
    assert.deepEqual(runs[0]?.files, ['test/src/kill.test.ts']);
    assert.deepEqual(
      planRuns(files, ['unit']).map((run) => run.files),
      [['libs/a/src/a.test.ts']],
    );
  });

  it('runs the suites that share a railway in one process, in their order', () => {
    const [ride, day0] = ['test/src/ride.test.ts', 'test/src/day-0.test.ts'];
    const runs = planRuns([ride, 'test/src/kill.test.ts', day0], tiers);
    assert.deepEqual(runs.at(-1)?.files, [day0, ride]);
    assert.equal(runs.length, 2);
  });

  it('runs the tests of the promoter that need a bus beside those that need a Git server alone', () => {
    const files = ['a.git', 'b.nats', 'c.git'].map((name) => `services/promoter/src/${name}.test.ts`);
    assert.deepEqual(
      planRuns(files, tiers).map(({ name, files: { length } }) => [name, length]),
      [
        ['services/promoter nats', 1],
        ['services/promoter git', 2],
      ],
    );
  });

  const result = (change: Partial<RunResult>): RunResult => ({
    ...{ name: 'a', exit: 0, seconds: 1, counts: { passed: 2, failed: 0, skipped: [], failures: [] } },
    ...change,
  });

  it('adds up what its processes count, and fails when one of them does', () => {
    assert.deepEqual(summarize([result({}), result({})]), { lines: ['4 passed, 0 failed'], exitCode: 0 });
    const failing = result({
      exit: 1,
      counts: { passed: 1, failed: 1, skipped: ['b'], failures: ['x c: Error: wrong'] },
    });
    assert.deepEqual(summarize([result({}), failing]), {
      lines: ['x c: Error: wrong', 'failed: a', '1 skipped: b', '3 passed, 1 failed'],
      exitCode: 1,
    });
  });

  it('counts a process as failed that ends before it has counted, or with something left open', () => {
    for (const broken of [result({ counts: undefined, exit: 7 }), result({ exit: 7 })]) {
      const { lines, exitCode } = summarize([broken]);
      assert.equal(exitCode, 1);
      assert.equal(lines[0], 'failed: a (exit code 7)');
      assert.match(lines.at(-1) ?? '', /^\d passed, 1 failed$/);
    }
  });

  it('keeps the files of tests in memory if there is room', async () => {
    const { path: at, remove } = await temporaryDirectory('memory');
    try {
      const folder = (await folderInMemory({ at, bytes: 1 })) ?? '';
      assert.deepEqual([dirname(folder), await readdir(folder)], [at, []]);
      assert.equal(await folderInMemory({ at, bytes: 1e18 }), undefined);
      assert.equal(await folderInMemory({ at: join(at, 'none'), bytes: 1 }), undefined);
    } finally {
      await remove();
    }
  });

  describe('of one process', () => {
    let directory: TemporaryDirectory;
    beforeEach(async () => {
      directory = await temporaryDirectory('test-run');
    });
    afterEach(() => directory.remove());

    const run = async (test: string, silenceMs = 60_000) => {
      const file = join(directory.path, 'a.test.ts');
      await writeFile(file, test);
      const resultFile = join(directory.path, 'result.json');
      return runMocha(
        { name: 'a', files: [file] },
        { root, built: false, color: false, resultFile, silenceMs, signal },
      );
    };

    it('counts what passed, failed and was skipped', async () => {
      const { counts, exit, output } = await run(
        `describe('x', () => { it('a', () => {}); it('b', () => { throw new Error('wrong'); }); it.skip('c', () => {}); });`,
      );
      assert.ok(counts);
      const { cpuSeconds, failures, ...tests } = counts;
      assert.equal(failures.length, 1);
      assert.match(failures[0] ?? '', /^x b: Error: wrong\n +at /);
      assert.deepEqual(tests, { passed: 1, failed: 1, skipped: ['x c'] });
      assert.equal(typeof cpuSeconds, process.platform === 'linux' ? 'number' : 'undefined');
      assert.equal(exit, 1);
      assert.match(output, /Error: wrong/);
    });

    it('ends one that writes nothing for too long', async () => {
      const { counts, exit } = await run('await new Promise((resolve) => setTimeout(resolve, 600_000));', 100);
      assert.equal(counts, undefined);
      assert.equal(exit, 'ended because it wrote nothing for 100 ms');
    });
  });
});
