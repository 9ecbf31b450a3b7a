import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Ended {
  code: number | null;
  lines: string[];
  said: string;
}

/** Runs the demo as `npm run demo -- <args>` does. */
async function demo(args: string[], onLine: (line: string, kill: () => void) => void = () => {}): Promise<Ended> {
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    onLine(text, () => child.kill('SIGINT'));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: output.trimEnd().split('\n'), said };
}

/** The sandbox's folders in the system's temporary folder. */
async function leftovers(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('k8sta-railway-'));
}

describe('the demo', () => {
  it('ends with one line that names the commit of each Station, and leaves nothing behind', async () => {
    const before = await leftovers();
    const { code, lines, said } = await demo([]);
    assert.equal(code, 0, said);
    const sha = '[0-9a-f]{40}';
    const ending = new RegExp(
      `^completed [0-9a-f]{16} docker.io/acme/storefront:1.4.2 dev=${sha} stage=${sha} prod=${sha}$`,
    );
    assert.match(lines.at(-1) ?? '', ending);
    for (const trailer of ['K8sTA-Ticket', 'K8sTA-Track', 'K8sTA-Station', 'K8sTA-Promotion']) {
      assert.equal(lines.filter((line) => line.includes(`${trailer}: `)).length, 3, trailer);
    }
    assert.deepEqual(await leftovers(), before);
  });

  it('says why a train did not arrive, and ends with another code than 0', async () => {
    const { code, said } = await demo(['--scenario', 'sync-fails']);
    assert.equal(code, 1);
    assert.match(said, /^failed: argocd\/storefront-stage-us: sync Failed/);
  });

  it('lists the scenarios, and knows no others', async () => {
    const { code, lines } = await demo(['--list']);
    assert.equal(code, 0);
    assert.ok(lines.some((line) => /^auto-sync-off\s+\S.* Ends failed\.$/.test(line)));
    assert.match(
      (await demo(['--scenario', 'sunny'])).said,
      /^failed: there is no scenario "sunny"; there are healthy,/,
    );
    assert.match((await demo(['--frobnicate'])).said, /^failed: Unknown option '--frobnicate'/);
  });

  it('stops everything on Ctrl-C', async () => {
    const before = await leftovers();
    const { code, said } = await demo([], (line, kill) => {
      if (line.includes('ticket.opened')) kill();
    });
    assert.equal(code, 1);
    assert.match(said, /^failed: ended by SIGINT/);
    assert.deepEqual(await leftovers(), before);
  });
});
