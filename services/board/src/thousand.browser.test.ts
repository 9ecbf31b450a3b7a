import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { chromiumPath, openBrowser, picture } from './browser.fixture.js';
import { type Board, startWorld, type World } from './world.fixture.js';

const since = '2026-01-01T00:00:00.000Z';
const trackCount = 1_000;

const stations = (track: string) =>
  ['dev', 'stage', 'prod'].map((station) => `{name: ${station}, applications: [${track}-${station}]}`).join(', ');
const tracks = Array.from({ length: trackCount }, (_, at) => {
  const name = `track-${String(at).padStart(4, '0')}`;
  return `- {name: ${name}, images: [{repository: acme/${name}}], stations: [${stations(name)}]}\n`;
});

/** Needs Chromium (Debian: apt-get install chromium). */
describe('the page with a thousand Tracks', () => {
  let world: World;
  let board: Board;
  let browser: Browser;

  before(async function () {
    if (!chromiumPath) this.skip();
    world = await startWorld(`tracks:\n${tracks.join('')}`);
    board = await world.board();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  it('draws only what can be seen, shows a change at once, and blocks the browser for no long task', async () => {
    const page = await browser.newPage();
    await page.goto(board.url);
    await page.getByText('Need attention 1000').waitFor();
    const drawn = await page.getByRole('article').count();
    assert.ok(drawn > 3 && drawn < 40, `${drawn} Tracks are drawn`);
    await page.evaluate(
      'window.tasks = []; new PerformanceObserver((list) => tasks.push(...list.getEntries().map((each) => each.duration))).observe({ type: "longtask" })',
    );
    const failed = { is: 'failed', station: 'dev', reason: 'Degraded', message: 'crash loop', since } as const;
    for (let at = 0; at < 100; at++) {
      const track = `track-${String(at).padStart(4, '0')}`;
      await world.ticket(track, `x${at}`, `1.0.${at}`, failed);
    }
    await page.getByText('1.0.1', { exact: true }).waitFor();
    await page.mouse.wheel(0, 60_000);
    await page
      .getByRole('article', { name: /track-0[3-9]/ })
      .first()
      .waitFor();
    await page.getByLabel('Only Tracks with this').fill('track-0999');
    await page.getByRole('article', { name: 'track-0999' }).waitFor();
    assert.equal(await page.getByRole('article').count(), 1);
    const tasks = (await page.evaluate('window.tasks')) as number[];
    const longest = Math.max(0, ...tasks);
    assert.ok(longest < 500, `the browser was busy for ${longest} ms at once`);
    await picture(page, 'thousand');
  });
});
