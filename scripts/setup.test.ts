import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TemporaryDirectory, temporaryDirectory, until } from '@k8sta/sandbox';
import {
  formatDuration,
  isInstalled,
  isNewEnough,
  lastLines,
  missingNeeds,
  needs,
  planInstallation,
  progressOf,
  type System,
  systemOf,
} from './setup/plan.mjs';
import { Failure, runLogged } from './setup/run.mjs';

const all = () => true;
const none = () => false;
const named = (names: string[]) => needs.filter(({ name }) => names.includes(name));

describe('the set-up decides', () => {
  it('whether Node is new enough, by the engines of package.json', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    assert.equal(engines.node, '>=20.19');
    for (const version of ['20.19.0', '20.20.2', '22.0.0', '100.1.0']) assert.ok(isNewEnough(version, engines.node));
    for (const version of ['20.18.3', '18.20.0', '8.9.9']) assert.ok(!isNewEnough(version, engines.node), version);
  });

  it('which system it runs on', () => {
    assert.equal(systemOf('linux', all), 'debian');
    assert.equal(systemOf('linux', none), 'other');
    assert.equal(systemOf('darwin', none), 'macos');
    assert.equal(systemOf('win32', none), 'other');
  });

  it('what is missing', () => {
    const missing = (system: System) => missingNeeds(system, none, none).map(({ apt }) => apt);
    const everywhere = ['nats-server', 'redis-server', 'git', 'g++', 'make', 'python3', 'libkrb5-dev'];
    assert.deepEqual(
      missing('debian').sort(),
      [...everywhere, 'docker-registry', 'openssh-server', 'libssl-dev'].sort(),
    );
    assert.deepEqual(
      missing('macos'),
      everywhere,
      'macOS has sshd, Homebrew has no registry, and nodegit brings its OpenSSL',
    );
    assert.deepEqual(missingNeeds('debian', all, all), []);
    assert.deepEqual(
      missingNeeds('other', (program) => program !== 'git', all).map(({ name }) => name),
      ['git'],
    );
  });

  it('how to install it', () => {
    const missing = named(['nats-server', 'the headers of OpenSSL']);
    const plan = (system: System, can: object, what = missing) => planInstallation(system, what, can, none);
    assert.deepEqual(plan('debian', {}, []), { by: 'none' });
    const packages = ['nats-server', 'libssl-dev'];
    assert.deepEqual(plan('debian', { root: true }), { by: 'apt', packages, sudo: false });
    assert.deepEqual(plan('debian', { sudo: true }), { by: 'apt', packages, sudo: true });
    const brewed = named(['redis-server', 'git']);
    assert.deepEqual(plan('macos', { brew: true }, brewed), { by: 'brew', packages: ['redis', 'git'] });
  });

  it('which message to print if a person has to install it', () => {
    const words = (system: System, names: string[], exists: (file: string) => boolean = none) => {
      const plan = planInstallation(system, named(names), {}, exists);
      return plan.by === 'hand' ? plan.message : plan.by;
    };
    assert.equal(
      words('debian', ['git', 'krb5-config']),
      `This is missing:
  git: the Git server of tests and demo
  krb5-config: nodegit is linked with Kerberos
Install it as root:
  apt-get update && apt-get install git libkrb5-dev
Then run the set-up again.`,
    );
    assert.match(words('macos', ['git']), /Homebrew.*\n {2}brew install git\n/);
    assert.match(words('macos', ['git', 'g++']), /xcode-select --install/);
    assert.match(words('other', ['git']), /^ {2}git: .*\nInstall it with your system's package manager\.$/m);
    const inSbin = (file: string) => file === '/usr/sbin/nats-server';
    assert.match(words('debian', ['nats-server', 'git'], inSbin), /export PATH="\$PATH:\/usr\/sbin"/);
  });

  it("whether the npm packages match the lock file, by npm's own record", () => {
    const packages = {
      '': {},
      'libs/bus': { version: '0.1.0' },
      'node_modules/@k8sta/bus': { link: true },
      'node_modules/koa': { version: '3.3.0', integrity: 'sha512-a' },
      'node_modules/@esbuild/darwin-arm64': { version: '0.28.0', integrity: 'sha512-b', optional: true },
    };
    const { '': _root, 'node_modules/@esbuild/darwin-arm64': _other, ...record } = packages;
    const check = (there: object) => isInstalled({ packages }, { packages: { ...record, ...there } });
    assert.ok(check({}));
    assert.ok(check({ 'node_modules/extraneous': { version: '1.0.0' } }));
    assert.ok(!isInstalled({ packages }, undefined), 'an interrupted installation has no record');
    assert.ok(!check({ 'node_modules/koa': { version: '3.2.0', integrity: 'sha512-a' } }));
    assert.ok(!check({ 'node_modules/koa': { version: '3.3.0', integrity: 'sha512-c' } }));
    assert.ok(!check({ 'node_modules/@k8sta/bus': { version: '0.1.0' } }), 'a copy instead of the link');
    const { 'node_modules/koa': _koa, ...without } = record;
    assert.ok(!isInstalled({ packages }, { packages: without }));
  });

  it('how to show the progress of a command, from its output', () => {
    const compiling = [
      '> nodegit@0.28.0 install',
      '  CC(target) Release/a.o',
      'CXX(target) Release/b.o',
      '  CC(target) c.o',
    ];
    assert.equal(progressOf(compiling.join('\n')), 'compiling nodegit, 3 of about 392 files');
    assert.equal(progressOf([...compiling, '  SOLINK_MODULE(target) nodegit.node'].join('\n')), 'linking nodegit');
    assert.equal(progressOf('  CC(target) a.o\n'.repeat(400)), 'compiling nodegit, 400 of about 400 files');
    assert.equal(
      progressOf('$ apt-get install git\nFetched 1 MB\n\u001b[1mSetting up git ...\u001b[0m\n'),
      'Setting up git ...',
    );
    assert.equal(progressOf('$ npm ci\n'), undefined);
  });

  it('how to format a duration', () => {
    assert.deepEqual([40, 9_940, 15_000, 185_000].map(formatDuration), ['0.0 s', '9.9 s', '15 s', '3 min 5 s']);
    assert.equal(lastLines('a\nb\nc\n\n', 2), 'b\nc');
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('setup', () => {
  let directory: TemporaryDirectory;
  let said: string[];
  const say = (line: string) => void said.push(line);
  const run = (
    script: string,
    change: { lifeSignMs?: number; say?: typeof say; command?: string; env?: Record<string, string> } = {},
  ) =>
    runLogged({
      title: 'doing it',
      usually: 'no time',
      command: process.execPath,
      args: ['-e', script],
      directory: directory.path,
      log: join(directory.path, 'logs', 'setup.log'),
      say,
      ...change,
    });

  beforeEach(async () => {
    directory = await temporaryDirectory('setup');
    said = [];
  });
  afterEach(() => directory.remove());

  it('writes the output of a command to a file, and prints what it does', async () => {
    await run('console.log("noise"); console.error("more")');
    assert.equal(said.length, 2);
    assert.match(said[0] ?? '', /^doing it \(usually no time; output in .*setup\.log\)$/);
    assert.match(await readFile(join(directory.path, 'logs', 'setup.log'), 'utf8'), /noise\nmore\n$/);
  });

  it('shows the progress of a running command', async () => {
    const untilTouched = `const fs = require('fs'); console.log('fetching it'); setInterval(() => fs.existsSync('touched') && process.exit(), 5)`;
    await run(untilTouched, {
      lifeSignMs: 10,
      say(line) {
        say(line);
        if (line.includes('fetching it')) void writeFile(join(directory.path, 'touched'), '');
      },
    });
    const signs = said.slice(1, -1);
    assert.ok(
      signs.every((line) => /^ {2}[\d.]+ s: (no output yet|fetching it)$/.test(line)),
      `${signs}`,
    );
    assert.match(signs.at(-1) ?? '', /fetching it$/);
  });

  it('sets the variables that are not set yet', async () => {
    await run('console.log(process.env.K8STA_JOBS, process.env.PATH)', { env: { K8STA_JOBS: '7', PATH: 'other' } });
    const log = await readFile(join(directory.path, 'logs', 'setup.log'), 'utf8');
    assert.ok(log.endsWith(`\n7 ${process.env['PATH']}\n`), log);
  });

  it('forwards a signal to everything that the command has started', async () => {
    const runModule = JSON.stringify(new URL('./setup/run.mjs', import.meta.url).href);
    const compiler = `require('fs').writeFileSync('compiler', String(process.pid)); setInterval(() => {}, 1000)`;
    const npm = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(compiler)}], { stdio: 'ignore' }); setInterval(() => {}, 1000)`;
    const step = { title: 't', usually: 'u', command: process.execPath, args: ['-e', npm], directory: '.', log: 'log' };
    const setup = `import { runLogged } from ${runModule}; await runLogged({ ...${JSON.stringify(step)}, say() {} });`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', setup], {
      cwd: directory.path,
      stdio: 'ignore',
    });
    const pid = Number(await until(() => readFile(join(directory.path, 'compiler'), 'utf8').catch(() => '')));
    child.kill('SIGTERM');
    await once(child, 'close');
    await until(() => !isRunning(pid), { what: 'the compiler to end' });
  });

  it('shows the log and its last lines when a command fails', async () => {
    const failing = run('for (let i = 1; i <= 50; i++) console.log("line " + i); process.exit(3)');
    await assert.rejects(failing, (error: Error) => {
      assert.ok(error instanceof Failure);
      assert.match(
        error.message,
        /^doing it: failed \(exit code 3\); the last lines of .*setup\.log:\n {2}\| line 11\n/,
      );
      assert.match(error.message, /\| line 50$/);
      return true;
    });
    await assert.rejects(run('', { command: 'k8sta-no-such' }), /doing it: failed \(spawn k8sta-no-such ENOENT\)/);
  });

  describe('with apt-get', () => {
    const script = fileURLToPath(new URL('setup/apt-install.sh', import.meta.url));
    let policy: string;
    /** Runs the script with an apt-get that records its arguments and the policy, and fails if an argument matches `failing`. */
    const install = async (failing = 'nothing') => {
      const bin = join(directory.path, 'bin');
      await mkdir(bin, { recursive: true });
      const fake = `#!/bin/sh\necho "$@ | $("${policy}"; echo $?)" >>"${directory.path}/calls"\ncase "$*" in *${failing}*) exit 100;; esac\n`;
      await writeFile(join(bin, 'apt-get'), fake);
      await chmod(join(bin, 'apt-get'), 0o755);
      const env = { PATH: `${bin}:${process.env['PATH']}` };
      const { status } = spawnSync('sh', [script, policy, 'git', 'redis-server'], { env, stdio: 'ignore' });
      return { status, calls: (await readFile(join(directory.path, 'calls'), 'utf8')).trim().split('\n') };
    };

    beforeEach(() => {
      policy = join(directory.path, 'policy-rc.d');
    });

    it('starts no service, and removes its policy afterwards', async () => {
      assert.deepEqual(await install(), {
        status: 0,
        calls: [
          'update | 101',
          '-o DPkg::Lock::Timeout=300 install --yes --no-install-recommends git redis-server | 101',
        ],
      });
      assert.equal(existsSync(policy), false);
    });

    it('removes its policy and restores the former one if the installation fails', async () => {
      await writeFile(policy, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
      const { status } = await install('install');
      assert.equal(status, 100);
      assert.equal(await readFile(policy, 'utf8'), '#!/bin/sh\nexit 0\n');
    });

    it('uses the existing package lists if they cannot be updated', async () => {
      const { status, calls } = await install('update');
      assert.deepEqual([status, calls.length], [0, 2]);
    });

    it('does not keep the policy that a killed run left behind', async () => {
      await writeFile(policy, '#!/bin/sh\n# temporary, by scripts/setup.mjs of K8sTA\nexit 101\n', { mode: 0o755 });
      await install();
      assert.equal(existsSync(policy), false);
    });
  });
});
