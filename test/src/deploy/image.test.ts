import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { serviceNames } from './environment.js';
import { type Build, build } from './image.js';

const addon = 'build/Release/nodegit.node';
const compiled = join(dirname(createRequire(import.meta.url).resolve('nodegit/package.json')), addon);

/** The Dockerfile's own commands, stage by stage: no image can be built where the tests run. */
describe('deploy: the image of', () => {
  let directory: TemporaryDirectory;

  before(async function () {
    // `npm ci` is one of the commands.
    if (spawnSync('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=5000']).status !== 0) this.skip();
    directory = await temporaryDirectory('image');
  });
  after(() => directory?.remove());

  for (const service of serviceNames) {
    it(`${service} holds what it runs by, and starts`, async function () {
      this.timeout(300_000);
      const skipped: string[] = [];
      const image = build({
        directory: join(directory.path, service),
        arguments: { SERVICE: service },
        // What was downloaded once need not be again, and nodegit is compiled already: that takes minutes.
        environment: {
          HOME: process.env['HOME'] ?? '',
          npm_config_prefer_offline: 'true',
          npm_config_ignore_scripts: 'true',
          TURBO_TELEMETRY_DISABLED: '1',
        },
        runs(command) {
          if (command.includes('apt-get')) skipped.push(command);
          return !command.includes('apt-get');
        },
        onRun(command, at) {
          const nodegit = join(at, 'node_modules/nodegit');
          if (command === 'npm ci' && existsSync(nodegit)) cpSync(compiled, join(nodegit, addon));
        },
      });
      assert.equal(skipped.length, 1);
      assert.match(skipped[0] ?? '', /^if \[ "\$SERVICE" = promoter \].*libgssapi-krb5-2 ca-certificates/);
      assertStarts(image);
      assert.match(image.user ?? '', /^[1-9]\d*:[1-9]\d*$/);
      const inside = (path: string) => existsSync(join(image.workingDirectory, path));
      assert.equal(inside('node_modules/nodegit'), service === 'promoter');
      for (const path of ['node_modules/mocha', 'node_modules/typescript', `services/${service}/src`]) {
        assert.equal(inside(path), false, path);
      }
      if (service === 'promoter') assert.equal(run(image, ['node', '-e', "require('nodegit')"]).status, 0);
    });
  }
});

function run({ workingDirectory: cwd, environment, command }: Build, instead?: readonly string[]) {
  const [program = '', ...args] = instead ?? command;
  return spawnSync(program, args, { cwd, env: { PATH: process.env['PATH'], ...environment }, encoding: 'utf8' });
}

/** With nothing configured it gets as far as to say so: every module that it imports is there. */
function assertStarts(image: Build): void {
  const { status, stderr } = run(image);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /^(the configuration has \d+ faults?:|KUBECONFIG: )/);
}
