import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { normaliseRepository, parseImage } from '@k8sta/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { splitReference } from '../reference.js';
import { kustomizeFormat } from './format.js';

/** What is asked for, and what becomes of it: an edit to `after.yaml` unless said otherwise. */
const caseSchema = z.strictObject({
  image: z.strictObject({
    repository: z.string(),
    tag: z.string(),
    digest: z.string().optional(),
    aliases: z.array(z.string()).optional(),
  }),
  /** The reference that reaches the file, for an entry that has to be inserted. */
  spelling: z.string().optional(),
  is: z.enum(['unchanged', 'notNamed']).optional(),
  /** The words of the refusal. */
  refused: z.string().optional(),
});

type Image = z.infer<typeof caseSchema>['image'];

const golden = new URL('./golden/', import.meta.url);

/** Every folder is a case: `before.yaml`, `case.json`, and `after.yaml` where the file is edited. */
describe('an edit of a kustomization, by example:', () => {
  for (const name of readdirSync(golden).sort()) {
    const folder = new URL(`${name}/`, golden);
    const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');
    it(name.replaceAll('-', ' '), () => {
      const { image, is, refused, spelling } = caseSchema.parse(JSON.parse(read('case.json')));
      const target = { kind: 'kustomize', ...(spelling && { name: splitReference(spelling).name }) } as const;
      const before = read('before.yaml');
      const edit = kustomizeFormat.edit(before, image, target, spelling);
      if (refused !== undefined) return assert.deepEqual(edit, { is: 'refused', message: refused });
      if (is) return assert.equal(edit.is, is);
      assert.ok(edit.is === 'edited', JSON.stringify(edit));
      assert.equal(edit.text, read('after.yaml'));
      const again = kustomizeFormat.edit(edit.text, image, target, spelling);
      assert.equal(again.is, 'unchanged', 'a second edit changes nothing');
      assert.ok(kustomizeFormat.read(edit.text, image, target).names);
      if (name.startsWith('insert-')) return;
      for (const version of ['1.1', '1.2'] as const) assertOnlyTheImage(before, edit.text, image, version);
    });
  }

  it('each folder has only the files that its case needs', () => {
    for (const name of readdirSync(golden)) {
      const folder = new URL(`${name}/`, golden);
      const { is, refused } = caseSchema.parse(JSON.parse(readFileSync(new URL('case.json', folder), 'utf8')));
      const isEdited = is === undefined && refused === undefined;
      assert.equal(existsSync(new URL('after.yaml', folder)), isEdited, name);
    }
  });
});

/** As data, nothing differs but the image that kustomize deploys by the entry, and the tag is a string. */
function assertOnlyTheImage(before: string, after: string, image: Image, version: '1.1' | '1.2'): void {
  const [was, is] = [before, after].map((text) => parse(text, { version }) as { images: Entry[] });
  assert.ok(was && is);
  for (const entry of is.images.filter((each) => isAbout(each, image))) {
    if (entry.newTag !== undefined) assert.equal(typeof entry.newTag, 'string');
    const deployed = parseImage(
      `${entry.newName ?? entry.name}${entry.newTag ? `:${entry.newTag}` : ''}${entry.digest ? `@${entry.digest}` : ''}`,
    );
    assert.ok([image.repository, ...(image.aliases ?? [])].includes(deployed.repository));
    assert.equal(deployed.digest, deployed.digest === undefined ? undefined : image.digest);
    assert.equal(deployed.tag, deployed.digest !== undefined && deployed.tag === undefined ? undefined : image.tag);
  }
  assert.deepEqual(withoutImage(is, image), withoutImage(was, image));
}

interface Entry {
  name?: string;
  newName?: string;
  newTag?: unknown;
  digest?: unknown;
}

function withoutImage(file: { images: Entry[] }, image: Image): object {
  const images = file.images.map(({ newTag, digest, newName, ...rest }) =>
    isAbout({ ...rest, ...(newName ? { newName } : {}) }, image)
      ? { ...rest, newName: newName && parseImage(newName).repository }
      : { ...rest, newName, newTag, digest },
  );
  return { ...file, images };
}

function isAbout({ name, newName }: Entry, { repository }: Image): boolean {
  return [name, newName].some((each) => each !== undefined && normaliseRepository(each) === repository);
}
