import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '@k8sta/sandbox';
import { author, file, HandlerStage, naming, part, silent } from './handler.fixture.js';
import { JobHandler } from './job-handler.js';

describe('a broken mirror', () => {
  let stage: HandlerStage;
  let repository: Repository;
  let mirror: string;
  let handler: JobHandler;
  const notes: string[] = [];

  before(async () => {
    stage = await HandlerStage.start();
  });
  beforeEach(async () => {
    ({ repository, mirror, handler } = await stage.next({ [file]: naming('1.4.1') }));
  });
  after(() => stage.stop());

  const plan = async () => {
    const job = { op: 'plan', parts: [part], author };
    const note = (text: string) => void notes.push(text);
    return (await stage.ask<{ is: string }[]>(handler, repository, job, { ...silent, note }))[0]?.is;
  };

  for (const [how, breakIt] of [
    ['a missing object', () => damage((path) => rm(path, { force: true }))],
    // As a new file: the process has mapped the old one, and would crash if that became shorter.
    ['a damaged pack', () => damage((path) => rm(path, { force: true }).then(() => writeFile(path, 'noise')))],
    ['a directory that is not a repository', () => rm(join(mirror, 'HEAD'))],
    ['too many packs', () => crowd()],
  ] as const) {
    it(`is fetched again, and the handler says so if it throws the mirror away: ${how}`, async () => {
      assert.equal(await plan(), 'ready');
      await breakIt();
      await repository.commit({ files: { x: how }, message: 'Next' });
      handler = new JobHandler(mirror);
      notes.length = 0;
      assert.equal(await plan(), 'ready');
      // libgit2 ignores a pack that it cannot read, and fetches everything again by itself.
      const said = how === 'a damaged pack' ? /^$/ : /^the mirror cannot be used and is fetched again: [^\n]+$/;
      assert.match(notes.join('\n'), said);
      assert.ok((await readdir(join(mirror, 'objects/pack'))).length < 10);
    });
  }

  async function damage(harm: (path: string) => Promise<void>): Promise<void> {
    const packs = join(mirror, 'objects/pack');
    for (const name of await readdir(packs)) await harm(join(packs, name));
  }

  async function crowd(): Promise<void> {
    const packs = join(mirror, 'objects/pack');
    const first = join(packs, 'pack-0.idx');
    await writeFile(first, '');
    for (let index = 1; index <= 2_000; index++) linkSync(first, join(packs, `pack-${index}.idx`));
  }

  it('is kept if a killed process only left a lock', async () => {
    await plan();
    const refs = join(mirror, 'refs/k8sta');
    for (const name of await readdir(refs)) await writeFile(join(refs, `${name}.lock`), '');
    await writeFile(join(mirror, 'the-same-mirror'), '');
    await repository.commit({ files: { x: 'y' }, message: 'Next' });
    handler = new JobHandler(mirror);
    assert.equal(await plan(), 'ready');
    assert.ok((await readdir(mirror)).includes('the-same-mirror'));
  });
});
