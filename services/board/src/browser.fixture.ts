import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);

/** Where Debian and others install it. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const chromiumPath = process.env['CHROMIUM'] ?? places.find((place) => existsSync(place));

export async function openBrowser(): Promise<Browser> {
  // As root, as in most containers, its own sandbox does not work; it opens only our own page.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  // No test may leave this machine.
  const args = [...sandbox, '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
  return chromium.launch({ ...(chromiumPath && { executablePath: chromiumPath }), args });
}

/** A page of its own. What goes wrong in it, and each request to another site than this one, is added to the faults. */
export async function openPage(browser: Browser, site: string, faults: string[]): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('request', (request) => {
    // The issuer's own forms load a font.
    const isOurs = request.frame().url().startsWith(site);
    if (isOurs && new URL(request.url()).origin !== site && !request.isNavigationRequest()) {
      faults.push(`a request to ${request.url()}`);
    }
  });
  return page;
}

/** Opens this address and signs in there, at the issuer of the tests. */
export async function signInOn(page: Page, login: string, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.locator('button[type=submit]').click();
  await page.waitForURL(url);
}

/** The serious faults of the page for people with a disability, by axe-core. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(' | ')}`);
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Writes a picture of the page where `K8STA_TEST_PICTURES` says. */
export async function picture(page: Page, name: string): Promise<void> {
  const directory = process.env['K8STA_TEST_PICTURES'];
  if (directory) await page.screenshot({ path: join(directory, `${name}.png`) });
}
