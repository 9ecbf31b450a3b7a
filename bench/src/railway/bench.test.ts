import assert from 'node:assert/strict';
import { figuresOf, runBench } from '../bench.fixture.js';

describe("the railway's bench", () => {
  it('completes every Ticket with fewer workers than repositories, and without a delay', async function () {
    this.timeout(180_000);
    const figures = await figuresOf('railway --tracks 2 --repositories 2 --stations 2 --workers 1 --seconds 120');
    const measured = (figure: string) => figures.get(figure)?.value ?? Number.NaN;
    assert.equal(measured('Tickets completed'), 2);
    assert.equal(measured('delays published'), 0);
    assert.ok((figures.get('promotions, compared with bare pushes')?.ratio ?? 0) > 0);
    assert.equal(measured('commits per promotion'), 1, 'each promotion makes exactly one commit');
    for (const name of ['ingest', 'tracker', 'promoter', 'argo-watcher', 'nats-server', 'Git server']) {
      assert.ok(measured(`processor time of a promotion: ${name}`) >= 0, name);
      assert.ok(measured(`peak memory (RSS): ${name}`) > 0, name);
    }
    assert.ok(measured('processor time of a promotion: all') > 0);
    const [p50 = 0, p99 = 0] = ['p50', 'p99'].map((each) =>
      measured(`time from a webhook to its first commit, ${each}`),
    );
    assert.ok(p50 > 0 && p99 >= p50);
    assert.ok(measured('kilobytes to the bus per promotion') > 0);
    assert.ok([...figures.keys()].some((figure) => figure.startsWith('promoter: from the fetch')));
  });

  it('refuses to plot a single run', async () => {
    await assert.rejects(runBench('railway --plot .'), /--plot draws .*, and needs --sweep/);
  });
});
