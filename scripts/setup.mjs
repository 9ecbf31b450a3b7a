// Makes a fresh clone ready for `npm test` and `npm run demo`. Node built-ins only: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './setup/lock.mjs';
import { formatDuration, isInstalled, isNewEnough, missingNeeds, planInstallation, systemOf } from './setup/plan.mjs';
import { Failure, runLogged } from './setup/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const log = join(root, '.k8sta', 'setup.log');
const say = (line) => process.stdout.write(`setup: ${line}\n`);
/** node-gyp compiles one file at a time by default. */
const compiler = { JOBS: String(availableParallelism()) };
const perform = (step) => runLogged({ directory: root, log, say, ...step });

function has(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function succeeds(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: 'ignore' }).status === 0;
}

function readJson(...path) {
  const file = join(root, ...path);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function checkNode() {
  const { engines } = readJson('package.json');
  if (isNewEnough(process.versions.node, engines.node)) return;
  throw new Failure(`K8sTA needs Node.js ${engines.node}, this is ${process.version}: https://nodejs.org/en/download`);
}

const system = systemOf(process.platform, has);
const programsMissing = () => missingNeeds(system, has, existsSync);
const packagesInstalled = () =>
  isInstalled(readJson('package-lock.json'), readJson('node_modules', '.package-lock.json'));
const nodegitLoads = () => succeeds(process.execPath, ['-e', "require('nodegit')"]);

async function installPrograms() {
  const missing = programsMissing();
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  const can = { root: isRoot, sudo: !isRoot && succeeds('sudo', ['-n', 'true']), brew: has('brew') };
  const plan = planInstallation(system, missing, can, existsSync);
  if (plan.by === 'hand') throw new Failure(plan.message);
  const title = `installing ${plan.packages.join(', ')} with ${plan.by === 'apt' ? 'apt-get' : 'brew'}`;
  if (plan.by === 'brew') {
    await perform({ title, usually: 'a minute or two', command: 'brew', args: ['install', ...plan.packages] });
  } else {
    const script = fileURLToPath(new URL('setup/apt-install.sh', import.meta.url));
    const install = ['sh', script, '/usr/sbin/policy-rc.d', ...plan.packages];
    const [command, ...args] = plan.sudo ? ['sudo', '-n', ...install] : install;
    await perform({ title, usually: 'half a minute', command, args });
  }
  const still = planInstallation(system, programsMissing(), {}, existsSync);
  if (still.by === 'hand') throw new Failure(still.message);
}

async function installPackages() {
  if (packagesInstalled()) return;
  const title = 'installing the npm packages and compiling nodegit';
  // In the foreground, because npm hides the output of install scripts otherwise.
  const install = { command: 'npm', args: ['ci', '--foreground-scripts'], env: compiler };
  const quiet = 'npm is downloading the packages';
  await perform({ title, usually: '3 to 5 minutes', quiet, ...install });
}

/** nodegit is not compiled if npm ignores install scripts, and another version of Node cannot load it. */
async function compileNodegit() {
  if (nodegitLoads()) return;
  const title = `compiling nodegit for Node.js ${process.version}`;
  const compile = { command: 'npm', args: ['rebuild', 'nodegit', '--foreground-scripts'], env: compiler };
  await perform({ title, usually: '3 to 5 minutes', ...compile });
  if (!nodegitLoads()) {
    throw new Failure(
      `nodegit is compiled, but Node.js cannot load it; run this to see why: node -e "require('nodegit')"`,
    );
  }
}

async function install() {
  await installPrograms();
  await installPackages();
  await compileNodegit();
}

const began = performance.now();
try {
  checkNode();
  // A checkout that is ready may be read-only, so take the lock only if there is work.
  const isReady = programsMissing().length === 0 && packagesInstalled() && nodegitLoads();
  if (!isReady) await withLock({ file: join(root, '.k8sta', 'setup.lock'), say }, install);
  say(`everything is installed (${formatDuration(performance.now() - began)})`);
} catch (error) {
  // An error of the system (a read-only folder, a full disk) has a code and says what and where; any other error is a bug.
  if (!(error instanceof Failure) && error.code === undefined) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 1;
}
