import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { type Build, type BuildOptions, build } from './image.js';

const addon = 'build/Release/nodegit.node';
const compiled = join(dirname(createRequire(import.meta.url).resolve('nodegit/package.json')), addon);

/** Where npm's registry and cache are, if somebody has said so in the environment. */
const npmSettings = Object.fromEntries(
  ['registry', 'cache', 'userconfig'].flatMap((name) => {
    const value = process.env[`npm_config_${name}`];
    return value === undefined ? [] : [[`npm_config_${name}`, value]];
  }),
);

/** Where the Dockerfile has nothing yet but npm, this machine has the same turbo. */
const fetchedTurbo = /^npx --yes turbo@\$\(.*?\) /;
const turbo = `${fileURLToPath(new URL('../../../node_modules/.bin/turbo', import.meta.url))} `;

/** The service whose image needs most. The workflow builds the images of all four and looks into them. */
const service = 'promoter';

/** The Dockerfile's own commands, stage by stage: no image can be built where the tests run. */
describe('deploy: the image of', () => {
  let directory: TemporaryDirectory;

  before(async () => {
    directory = await temporaryDirectory('image');
  });
  after(() => directory?.remove());

  it(`${service} holds what it runs by, and starts`, async function () {
    this.timeout(300_000);
    const skipped: string[] = [];
    const image = buildOrSkip(this, {
      directory: join(directory.path, service),
      arguments: { SERVICE: service },
      // Nothing is downloaded: npm has what the set-up has fetched. And nodegit is compiled already: that takes minutes.
      environment: {
        HOME: process.env['HOME'] ?? '',
        ...npmSettings,
        npm_config_offline: 'true',
        npm_config_ignore_scripts: 'true',
        TURBO_TELEMETRY_DISABLED: '1',
      },
      run(command) {
        if (!command.includes('apt-get')) return command.replace(fetchedTurbo, turbo);
        skipped.push(command);
        return undefined;
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
    assert.ok(inside('node_modules/nodegit'));
    for (const path of ['node_modules/mocha', 'node_modules/typescript', `services/${service}/src`]) {
      assert.equal(inside(path), false, path);
    }
    const tracks = fileURLToPath(new URL('../../../docs/examples/tracks.yaml', import.meta.url));
    assert.equal(run(image, ['k8sta', 'tracks', 'check', tracks]).status, 0, 'what `kubectl exec` runs');
    assert.equal(run(image, ['node', '-e', "require('nodegit')"]).status, 0);
  });
});

/** Skips where npm's cache does not hold what it would have to download. */
function buildOrSkip(context: Mocha.Context, options: BuildOptions): Build {
  try {
    return build(options);
  } catch (error) {
    if ((error as Error).message.includes('ENOTCACHED')) context.skip();
    throw error;
  }
}

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
