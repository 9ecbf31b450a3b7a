import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argumentsOf, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { tryWebhook } from './try.js';

const main = argumentsOf('@k8sta/cli');

describe('k8sta webhook test', () => {
  let directory: TemporaryDirectory;
  let tracks: string;
  let file: string;
  before(async () => {
    directory = await temporaryDirectory('try');
    tracks = join(directory.path, 'tracks.yaml');
    await writeFile(
      tracks,
      'tracks: [{name: app, images: [{repository: acme/app}], stations: [{name: dev, applications: [app]}]}]',
    );
    file = join(directory.path, 'body.json');
  });
  after(() => directory.remove());

  const body = (tag: string) => JSON.stringify({ push_data: { tag }, repository: { repo_name: 'acme/app' } });
  const wouldDo = async (
    text: string,
    { headers = [], sender = 'dockerhub' }: { headers?: string[]; sender?: string } = {},
  ) => {
    await writeFile(file, text);
    const { code, text: said } = await tryWebhook({ sender, file, headers, tracks: [tracks], now: new Date() });
    return [code, said] as const;
  };

  it('names the Tickets that it would open, or says why it opens none', async () => {
    const [code, text] = await wouldDo(body('3.0.0'));
    assert.equal(code, 0);
    assert.match(
      text,
      /^opens, unless it exists already:\n {2}app: Ticket [0-9a-f]{16} of docker.io\/acme\/app:3.0.0\n$/,
    );
    const latest = 'opens no Ticket (TagNotSubscribed): tag latest of docker.io/acme/app is not strict semver (app)\n';
    assert.deepEqual(await wouldDo(body('latest')), [0, latest]);
  });

  it('says what is wrong with the body, the sender, a header and the file', async () => {
    assert.deepEqual(await wouldDo('{'), [1, 'refused (unreadable): the body is not JSON in UTF-8 (at position 1)\n']);
    const header = '--header "nonsense" is not of the form "Name: value"\n';
    assert.deepEqual(await wouldDo(body('1.0.0'), { headers: ['nonsense'] }), [1, header]);
    const [, unknown] = await wouldDo(body('1.0.0'), { sender: 'docker-hub' });
    assert.match(unknown, /^there is no sender "docker-hub"; did you mean "dockerhub"\?: dockerhub, ghcr, /);
    const none = await tryWebhook({
      sender: 'dockerhub',
      file: '/none',
      headers: [],
      tracks: [tracks],
      now: new Date(),
    });
    assert.deepEqual(none, { code: 1, text: '/none cannot be read: it does not exist\n' });
  });

  it('takes headers from the command line, and exits with 1 if the webhook is refused', async () => {
    await writeFile(file, body('1.0.0'));
    const args = ['webhook', 'test', 'dockerhub', file, '--tracks', tracks];
    const headers = ['--header', 'X-Other: x', '--header', 'Content-Type: text/plain'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...main, ...args, ...headers], {
      encoding: 'utf8',
    });
    const plain = 'refused (wrongContentType): Content-Type must be application/json\n';
    assert.deepEqual([status, stdout, stderr], [1, '', plain]);
  });
});
