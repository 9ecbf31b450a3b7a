import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scenarios } from '@k8sta/sandbox';
import { demo, demonstrateHere } from './demo.fixture.js';

const autoSyncOff = scenarios.find(({ name }) => name === 'auto-sync-off') ?? assert.fail();

describe('the demo', () => {
  it('lists the scenarios, and refuses any other', async () => {
    const { code, lines } = await demo(['--list']);
    assert.equal(code, 0);
    assert.ok(lines.some((line) => /^express\s+\S/.test(line)));
    assert.ok(lines.some((line) => /^auto-sync-off\s+\S.* Ends waiting\.$/.test(line)));
    assert.match((await demo(['--scenario', 'sunny'])).said, /'sunny' is invalid. Allowed choices are healthy, /);
  });

  it('says what a Ticket waits for, and ends as announced', async () => {
    const { lines, left } = await demonstrateHere({ named: autoSyncOff, sender: 'dockerhub' });
    const ending = /^waits for a person, as this scenario announces: .*: .*OutOfSync, auto-sync is off/;
    assert.match(lines.at(-1) ?? '', ending);
    assert.deepEqual(left, []);
  });

  it('says why a Ticket failed, to a receiver of notifications, too, and ends with 0 because the scenario announces it', async () => {
    const { code, lines, said, left } = await demo(['--scenario', 'degraded', '--notify']);
    assert.equal(code, 0, said);
    assert.match(lines[0] ?? '', /degraded: .* Ends failed\.$/);
    const ending =
      /^failed, as this scenario announces: \w+ \S+:1\.4\.2 dev=\w+ stage=\w+: argocd\/storefront-stage-us: Degraded/;
    assert.match(lines.at(-1) ?? '', ending);
    const at = lines.findIndex((line) =>
      line.endsWith('  notification: storefront/stage: docker.io/acme/storefront:1.4.2 failed (Degraded)'),
    );
    assert.ok(at > 0, lines.join('\n'));
    const message = lines.slice(at + 1, at + 3).join('\n');
    assert.match(message, / {2}argocd\/storefront-stage-us: Degraded.*\n.* {2}What to do: /);
    assert.deepEqual(left, []);
  });

  for (const [when, cue] of [
    ['while the services start', 'starting ingest'],
    ['during the ride', 'ticket.opened'],
  ] as const) {
    it(`stops everything on Ctrl-C ${when}, and ends with another code than 0`, async () => {
      const { code, said, left } = await demo([], (output, interrupt) => {
        if (output.includes(cue)) interrupt();
      });
      assert.equal(code, 1);
      assert.match(said, /^failed: ended by SIGINT/);
      assert.deepEqual(left, []);
    });
  }

  it('keeps running with --keep, its suggestions work, and it ends with one line that names the commit of each Station', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'k8sta-keep-'));
    const paste = async (command: string | undefined, cwd = directory) => {
      assert.ok(command);
      const identity = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'Somebody'],
        [`GIT_${who}_EMAIL`, 'somebody@example.com'],
      ]);
      const env = { ...process.env, ...Object.fromEntries(identity), GIT_CONFIG_GLOBAL: '/dev/null' };
      await promisify(execFile)('bash', ['-c', command], { cwd, env });
    };
    /** The acts; each starts when the output matches. */
    const acts: [cue: RegExp, act: (commands: string[]) => Promise<void>][] = [
      [
        /Ctrl-C ends it/,
        async ([curl, tickets, , clone, breaking]) => {
          await paste(tickets, process.cwd());
          await paste(clone);
          await paste(breaking);
          await paste(curl);
        },
      ],
      [/ticket\.syncing .*storefront-stage-us: .*nowhere/, ([, , , , , mend]) => paste(mend)],
    ];
    const faults: unknown[] = [];
    try {
      const { code, lines, said, left } = await demo(['--keep', '--sender', 'ghcr'], (output, interrupt) => {
        const commands = output.split('\n').filter((_line, at, all) => all[at - 1]?.startsWith('  # '));
        if (acts[0]?.[0].test(output)) {
          acts
            .shift()?.[1](commands)
            .catch((error: unknown) => {
              faults.push(error);
              interrupt();
            });
        } else if (acts.length === 0 && output.split('ticket.completed').length === 3) interrupt();
      });
      assert.deepEqual(faults, []);
      assert.equal(code, 0, said);
      const sha = '[0-9a-f]{40}';
      const ending = `^completed [0-9a-f]{16} ghcr\\.io/acme/storefront:1\\.4\\.2 dev=${sha} stage=${sha} prod=${sha}$`;
      assert.match(lines.at(-1) ?? '', new RegExp(ending));
      for (const trailer of ['K8sTA-Ticket', 'K8sTA-Track', 'K8sTA-Station', 'K8sTA-Promotion']) {
        assert.equal(lines.filter((line) => line.includes(`${trailer}: `)).length, 3, trailer);
      }
      assert.ok(lines.some((line) => line.includes('  nats --server nats://127.0.0.1:')));
      assert.deepEqual(left, []);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
