import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TemporaryDirectory, temporaryDirectory } from '../directory.js';
import { isListening } from '../port.js';
import { until } from '../until.js';
import { basicAuthentication, type GitCommandOptions, git } from './command.js';
import type { Repository } from './repository.js';
import { type GitRequest, type GitServer, startGitServer } from './server.js';

describe('the Git server', () => {
  let server: GitServer;
  let other: GitServer | undefined;
  let repository: Repository;
  let work: TemporaryDirectory;
  let count = 0;

  before(async () => {
    server = await startGitServer();
    work = await temporaryDirectory('git-test');
  });
  beforeEach(async () => {
    repository = await server.createRepository(`acme/config-${++count}`, { files: { 'a/one.txt': 'one\n' } });
  });
  afterEach(() => server.intercept(undefined));
  after(async () => {
    await server.stop();
    await other?.stop();
    await work.remove();
  });

  function run(args: string[], options: GitCommandOptions & { password?: string } = {}): Promise<string> {
    const { user, password } = server;
    const environment = basicAuthentication({ user, password: options.password ?? password });
    return git(args, { ...options, environment: { ...environment, ...options.environment } });
  }

  async function clone(): Promise<string> {
    const checkout = join(work.path, `${count}`);
    await run(['clone', '--quiet', repository.url, checkout]);
    return checkout;
  }

  async function commitInto(checkout: string, text: string): Promise<void> {
    await writeFile(join(checkout, 'a/one.txt'), text);
    await run(['commit', '--quiet', '-am', 'Change one\n\nWhy not.\n\nK8sTA-Ticket: t1\nK8sTA-Track: web'], {
      directory: checkout,
    });
  }

  it('serves clones and pushes', async () => {
    const checkout = await clone();
    assert.equal(await readFile(join(checkout, 'a/one.txt'), 'utf8'), 'one\n');
    await commitInto(checkout, 'two\n');
    await run(['push', '--quiet'], { directory: checkout });
    assert.equal(await repository.read('a/one.txt'), 'two\n');
    assert.equal(await repository.tip(), (await run(['rev-parse', 'HEAD'], { directory: checkout })).trim());
  });

  it('refuses a wrong password and a missing one', async () => {
    await assert.rejects(run(['ls-remote', repository.url], { password: 'wrong' }), /could not read Username/);
    await assert.rejects(git(['ls-remote', repository.url]), /could not read Username/);
  });

  it('lists refs that have not changed without git, and those that have with it', async () => {
    // Version 2 lists them in a second request.
    const list = () => run(['-c', 'protocol.version=0', 'ls-remote', repository.url, 'main']);
    const first = await repository.tip();
    assert.match(await list(), new RegExp(first));
    const second = await repository.commit({ files: { x: 'y' }, message: 'Next' });
    assert.match(await list(), new RegExp(second));
    // Git does not take a folder without objects for a repository.
    await rename(join(repository.directory, 'objects'), join(repository.directory, 'away'));
    assert.match(await list(), new RegExp(second));
  });

  it('accepts a chunked push', async () => {
    const checkout = await clone();
    await commitInto(checkout, 'x'.repeat(200_000));
    const lengths: (string | undefined)[] = [];
    server.intercept((request) => {
      if (request.step === 'exchange') lengths.push(request.headers['transfer-encoding']);
      return undefined;
    });
    await run(['-c', 'http.postBuffer=1', '-c', 'core.compression=0', 'push', '--quiet'], { directory: checkout });
    assert.ok(lengths.includes('chunked'), `${lengths}`);
    assert.equal((await repository.read('a/one.txt'))?.length, 200_000);
  });

  it('accepts a gzipped request', async () => {
    const wants = `0032want ${await repository.tip()}\n00000009done\n`;
    const answer = await fetch(`${repository.url}/git-upload-pack`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${server.user}:${server.password}`).toString('base64')}`,
        'Content-Type': 'application/x-git-upload-pack-request',
        'Content-Encoding': 'gzip',
      },
      body: gzipSync(wants),
    });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^0008NAK\nPACK/);
  });

  it('answers 404 for a repository that does not exist', async () => {
    await assert.rejects(run(['ls-remote', `${server.url}/acme/none.git`]), /not found/);
  });

  describe('an interceptor', () => {
    const isPush = ({ service, step }: GitRequest) => service === 'git-receive-pack' && step === 'exchange';

    it('replaces the answer', async () => {
      server.intercept(() => ({ status: 429, headers: { 'Retry-After': '7' } }));
      await assert.rejects(run(['ls-remote', repository.url]), /429/);
      server.intercept(() => ({ status: 403 }));
      await assert.rejects(run(['ls-remote', repository.url]), /403/);
    });

    it('lets a rival push between the fetch and the push', async () => {
      const checkout = await clone();
      await commitInto(checkout, 'two\n');
      server.intercept(async (request) => {
        if (isPush(request)) await repository.commit({ files: { 'b.txt': 'rival' }, message: 'Rival' });
        return undefined;
      });
      await assert.rejects(run(['push'], { directory: checkout }), /cannot lock ref|fetch first|failed to push/);
      assert.deepEqual(
        (await repository.log()).map(({ subject }) => subject),
        ['First commit', 'Rival'],
      );
    });

    it('hangs before the first byte', async () => {
      server.intercept(() => 'hang');
      const giveUp = AbortSignal.timeout(500);
      await assert.rejects(run(['ls-remote', repository.url], { signal: giveUp }), { name: 'AbortError' });
    });

    it('stalls in the middle of an answer', async () => {
      server.intercept(() => ({ stallAfterBytes: 10 }));
      const answer = await fetch(`${repository.url}/info/refs?service=git-upload-pack`, {
        headers: { Authorization: `Basic ${Buffer.from(`${server.user}:${server.password}`).toString('base64')}` },
        signal: AbortSignal.timeout(500),
      });
      let received = '';
      const reading = (async () => {
        for await (const bytes of answer.body ?? []) received += Buffer.from(bytes).toString();
      })();
      await assert.rejects(reading, { name: 'TimeoutError' });
      assert.equal(received, '001e# serv');
    });

    it('loses the answer of a push that git has accepted', async () => {
      const checkout = await clone();
      await commitInto(checkout, 'two\n');
      server.intercept((request) => (isPush(request) ? 'loseAnswer' : undefined));
      await assert.rejects(run(['push'], { directory: checkout }));
      assert.equal(await repository.read('a/one.txt'), 'two\n');
    });

    it('drops the connection', async () => {
      server.intercept(() => 'drop');
      await assert.rejects(run(['ls-remote', repository.url]), /Empty reply|unable to access/);
    });
  });

  it('refuses a ref with a hook, and shows the message of the hook', async () => {
    const checkout = await clone();
    await commitInto(checkout, 'two\n');
    await repository.setHook('update', 'echo "GH006: protected branch $1" >&2; exit 1');
    await assert.rejects(run(['push'], { directory: checkout }), /GH006: protected branch refs\/heads\/main/);
    await repository.setHook('update', undefined);
    await run(['push', '--quiet'], { directory: checkout });
    assert.equal(await repository.read('a/one.txt'), 'two\n');
  });

  it('stops while a request hangs, and leaves nothing behind', async () => {
    other = await startGitServer({ user: 'me', password: 'secret' });
    const { directory, url } = await other.createRepository('r', { files: { f: '' } });
    let asked = 0;
    other.intercept(() => {
      asked++;
      return 'hang';
    });
    const hanging = assert.rejects(git(['ls-remote', url], { environment: basicAuthentication(other) }));
    await until(() => asked === 1);
    await other.stop();
    await hanging;
    assert.equal(existsSync(directory), false);
    assert.equal(await isListening(Number(new URL(url).port)), false);
  });
});
