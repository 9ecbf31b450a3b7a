import assert from 'node:assert/strict';
import { eventId } from '@k8sta/contracts';
import { freePort } from '@k8sta/sandbox';
import type { Browser, Page } from 'playwright-core';
import { startIssuer, type TestIssuer } from './access/issuer.fixture.js';
import { chromiumPath, openBrowser, openPage, picture, seriousFaults, signInOn } from './browser.fixture.js';
import { type Board, startWorld, twoTracks, type World } from './world.fixture.js';

const since = '2026-01-01T00:00:00.000Z';
const waiting = { is: 'waiting', at: 'dev', next: 'prod', on: 'gate', reason: 'ApprovalMissing' } as const;
const roles = 'roles: [{groups: [shop], tracks: [storefront], may: [approve, pause, resume]}]\n';

/** Needs Chromium (Debian: apt-get install chromium). */
describe('the page', () => {
  let world: World;
  let issuer: TestIssuer;
  let board: Board;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  before(async function () {
    if (!chromiumPath) this.skip();
    world = await startWorld(twoTracks);
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    issuer = await startIssuer(`${url}/auth/callback`, { alice: ['shop'], bob: ['staff'] });
    board = await world.board({
      ...{ K8STA_HTTP_PORT: port, K8STA_BOARD_URL: url, K8STA_BOARD_ROLES: await world.file('roles.yaml', roles) },
      ...{ K8STA_OIDC_ISSUER: issuer.url, K8STA_OIDC_CLIENT_ID: issuer.clientId },
      ...{ K8STA_OIDC_CLIENT_SECRET_FILE: await world.file('secret', issuer.clientSecret) },
      ...{
        K8STA_OIDC_SCOPES: 'openid email groups',
        K8STA_BOARD_SESSION_KEY_FILE: await world.file('key', 'k'.repeat(48)),
      },
    });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
    await issuer?.stop();
  });
  beforeEach(async () => {
    page = await openPage(browser, board.url, faults);
  });
  afterEach(async () => {
    await page?.context().close();
    assert.deepEqual(faults.splice(0), []);
  });

  const signIn = (login: string, path: string) => signInOn(page, login, board.url + path);

  it('shows a ride live: a Ticket moves, waits, fails and needs attention, without a reload', async () => {
    await world.observe('storefront-dev', 'acme/storefront:1.4.1');
    await world.observe('storefront-prod', 'acme/storefront:1.4.1');
    await world.observe('payments-dev', 'acme/payments:2.0.0');
    await page.goto(board.url);
    const track = page.getByRole('article', { name: 'storefront' });
    await track.getByText('1.4.1').first().waitFor();
    const promoting = {
      is: 'promoting',
      station: 'dev',
      promotion: 'p',
      notAfter: since,
      reason: 'CommitRequested',
    } as const;
    await world.ticket('storefront', 't142', '1.4.2', {
      ...promoting,
      message: 'the commit is requested',
      since,
    } as never);
    await track.getByRole('link', { name: '1.4.2, promoting' }).waitFor();
    await picture(page, 'moving');
    await world.observe('storefront-dev', 'acme/storefront:1.4.2');
    await world.ticket('storefront', 't142', '1.4.2', { ...waiting, message: 'nobody has approved it', since });
    await track.getByText('nobody has approved it').waitFor();
    await world.ticket('storefront', 't141', '1.4.1', {
      ...{ is: 'failed', station: 'prod', reason: 'Degraded', message: 'crash loop', since },
    });
    await track.getByText('needs attention').waitFor();
    await page.getByText('storefront needs attention.').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: /Need attention 1/ }).click();
    assert.equal(await page.getByRole('article').count(), 1);
    await picture(page, 'trouble');
  });

  it('says on the page of a Ticket whether it is on its way to a Station, or did not arrive there', async () => {
    const visit = { attempt: 1, parts: 1, requestedAt: since, commits: [] };
    const stations = [
      { ...visit, station: 'dev', arrivedAt: since },
      { ...visit, station: 'prod' },
    ];
    const syncing = { is: 'syncing', station: 'prod', promotion: 'p', reason: 'Progressing', deadline: since } as const;
    await world.ticket('storefront', 't150', '1.5.0', { ...syncing, message: 'rolls out', since } as never, {
      stations,
    });
    await page.goto(`${board.url}/tracks/storefront/tickets/t150`);
    const last = page.locator('.visits > li').last();
    await last.getByText('on its way').waitFor();
    const failed = { is: 'failed', station: 'prod', reason: 'Degraded', message: 'crash loop', since } as const;
    await world.ticket('storefront', 't150', '1.5.0', failed, { stations });
    await last.getByText('did not arrive').waitFor();
  });

  it('lets a signed-in person approve, in their name, and shows it in the log', async () => {
    await world.ticket('storefront', 't142', '1.4.2', { ...waiting, message: 'nobody has approved it', since });
    await signIn('alice', '/tracks/storefront/tickets/t142');
    assert.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0, 'no role lets her cancel');
    await page.getByRole('button', { name: 'Approve for prod' }).click();
    await page.getByRole('dialog').getByLabel('Why (optional)').fill('looks good on dev');
    await picture(page, 'approve');
    await page.getByRole('dialog').getByRole('button', { name: 'Approve for prod' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const [word] = world.words;
    assert.deepEqual(
      [word?.verb, word?.by, word?.ticket, word?.station, word?.message],
      ['approve', 'alice@example.com', 't142', 'prod', 'looks good on dev'],
    );
    await page.getByRole('link', { name: 'Log' }).click();
    await page.getByText('looks good on dev').waitFor();
  });

  it('says a word once if its answer is lost, and another one if the person changes it', async () => {
    await signIn('alice', '/tracks/storefront');
    await page.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('the database moves');
    let lost = 2;
    await page.route('**/api/say/pause', async (route) => {
      const response = await route.fetch();
      await (lost-- > 0 ? route.abort() : route.fulfill({ response }));
    });
    const answered = () => page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/say/pause'));
    for (let at = 0; at < 2; at++) {
      await Promise.all([answered(), dialog.getByRole('button', { name: 'Pause' }).click()]);
      await dialog.getByText('The board does not answer. Look at the log before you repeat it.').waitFor();
    }
    await dialog.getByLabel('Station').selectOption('dev');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await dialog.waitFor({ state: 'detached' });
    const pauses = world.words.filter(({ verb }) => verb === 'pause');
    assert.deepEqual(
      pauses.map(({ station }) => station),
      [undefined, 'dev'],
    );
    for (const { station } of pauses) {
      const resume = {
        track: 'storefront',
        verb: 'resume',
        by: 'bob',
        at: since,
        ...(station && { station }),
      } as const;
      await world.bus.publish({ type: 'operator.word', id: eventId('operator.word', `${station}`), data: resume });
    }
    await page.getByRole('button', { name: 'Resume' }).waitFor({ state: 'detached' });
  });

  it('says a trouble again that comes back, to those who listen', async () => {
    await page.goto(board.url);
    const [bad, well] = [{ health: { status: 'Degraded' } }, {}];
    const news = page.getByText('payments needs attention.');
    await world.observe('payments-dev', 'acme/payments:2.0.0', well);
    await page.getByRole('article', { name: 'payments' }).getByText('2.0.0').waitFor();
    await world.observe('payments-dev', 'acme/payments:2.0.0', bad);
    await news.waitFor({ state: 'attached' });
    const said = await news.elementHandle();
    await world.observe('payments-dev', 'acme/payments:2.0.0', well);
    await page.getByText('payments-dev Degraded').waitFor({ state: 'detached' });
    await world.observe('payments-dev', 'acme/payments:2.0.0', bad);
    await page.waitForFunction((element) => !element?.isConnected, said);
    await news.waitFor({ state: 'attached' });
    await world.observe('payments-dev', 'acme/payments:2.0.0', well);
  });

  it('shows no button to a person without a role, and the server refuses them too', async () => {
    await signIn('bob', '/tracks/storefront');
    await page.getByRole('heading', { name: 'On their way' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Pause' }).count(), 0);
    const status = await page.evaluate(async () => {
      const body = JSON.stringify({ track: 'storefront', message: 'because' });
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/say/pause', { method: 'POST', body, headers })).status;
    });
    assert.equal(status, 403);
    assert.ok(world.words.every(({ by }) => by !== 'bob@example.com'));
  });

  it('shows a pause as a banner, by keyboard alone', async () => {
    await page.clock.install();
    await signIn('alice', '/tracks/storefront');
    await page.getByRole('button', { name: 'Pause' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('the database moves');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const status = page.getByRole('status');
    await status.getByText('the database moves').waitFor();
    const bob = { track: 'payments', verb: 'pause', by: 'bob', message: 'a freeze', at: since } as const;
    await world.bus.publish({ type: 'operator.word', id: eventId('operator.word', 'freeze'), data: bob });
    await status.getByText(/^Paused: payments, by bob .*: a freeze$/).waitFor();
    await status.getByText(/^Paused: storefront, by alice@example.com .*: the database moves$/).waitFor();
    await picture(page, 'paused');
    const said = await status.innerText();
    await page.clock.fastForward('05:00');
    assert.equal(await status.innerText(), said, 'a screen reader would say it again');
    await page.getByRole('button', { name: 'Resume' }).first().click();
    await page.getByRole('dialog').getByLabel('Why (optional)').fill('  ');
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('status').getByText('the database moves').waitFor({ state: 'detached' });
  });

  it('tells a stranger to sign in where nobody else may look', async () => {
    const closed = await world.board({
      ...{ K8STA_BOARD_READ: 'signedIn', K8STA_BOARD_PROXY_ADDRESSES: '10.0.0.0/8' },
      K8STA_BOARD_URL: 'https://board.example.com',
    });
    await page.goto(closed.url);
    await page.getByText('Sign in to see the Tracks.').waitFor();
  });

  it('reconnects after the board was away, and shows what happened meanwhile', async () => {
    await page.goto(board.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await board.service.kill();
    await page.getByText('Reconnecting…').waitFor();
    await world.ticket('payments', 'p1', '7.7.7', { ...waiting, message: 'while you were away', since });
    await board.service.restart();
    await page.getByText('while you were away').waitFor();
  });

  it('connects again when it hears nothing of the board any more', async () => {
    await page.clock.install();
    await page.goto(board.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await Promise.all([page.waitForRequest('**/api/events'), page.clock.fastForward('01:00')]);
    await page.getByText('Live', { exact: true }).waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no serious fault for people with a disability, in ${colorScheme}, and fits a phone`, async () => {
      const failed = { is: 'failed', station: 'prod', reason: 'Degraded', message: 'crash loop', since } as const;
      await world.ticket('storefront', 't141', '1.4.1', failed);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const [width, name] of [
        [1440, 'desk'],
        [390, 'phone'],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        for (const path of ['/', '/tracks/storefront', '/tracks/storefront/tickets/t142', '/words', '/search?q=1.4']) {
          await page.goto(board.url + path);
          await page.locator('main :is(article, section, ol, ul)').first().waitFor();
          assert.deepEqual(await seriousFaults(page), [], `${path} on a ${name}`);
          const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          assert.equal(overflow, 0, `${path} scrolls sideways on a ${name}`);
          await picture(page, `${colorScheme}-${name}${path.replace(/\W+/g, '-')}`);
        }
      }
    });
  }
});
