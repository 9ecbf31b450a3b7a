import { type KeyPath, parseKeyPath } from '@k8sta/contracts';
import { FileInvalid, inFile } from './file-invalid.js';
import type { Application } from './part.js';
import { isAbout, splitReference } from './reference.js';
import type { Use } from './renderer.js';
import { cleanPath, type Trees, textAt } from './tree.js';
import { textUnder } from './value/index.js';

/** The use of an image whose file and key the Track names: the value there is its tag, or the whole reference. */
export async function declaredUse(
  { main }: Trees,
  { image }: Application,
  { file, key }: NonNullable<Application['edit']>,
): Promise<Use> {
  const [path, at] = [cleanPath(file), parseKeyPath(key)];
  if (path === undefined || path === '') throw new FileInvalid(`the path "${file}" leaves the repository`);
  if (at === undefined) throw new FileInvalid(`"${key}" is not the path of a key`, path);
  const text = await textAt(main, path);
  if (text === undefined) throw new FileInvalid('does not exist, and the Track names it as the file to edit', path);
  const value = inFile(path, () => textUnder(text, at));
  if (value === undefined) throw new FileInvalid(`has no key ${key}, which the Track names`, path);
  return useAt(path, at, value, image);
}

function useAt(file: string, path: KeyPath, value: string, image: Application['image']): Use {
  const holds = splitReference(value).name.includes('/') ? 'reference' : 'tag';
  if (holds === 'reference' && !isAbout(value, image)) {
    throw new FileInvalid(`names ${value}, which is not ${image.repository}`, file);
  }
  const whole = holds === 'reference' ? value : `${image.repository}:${value}`;
  return { image: whole, ways: [{ file, target: { kind: 'value', path, holds } }] };
}
