import type { ImageTarget, WantedImage } from '@k8sta/contracts';
import { FileInvalid } from '../file-invalid.js';
import type { Edit, FileFormat, Reading } from '../format.js';
import { deploys, isAbout, retagged } from '../reference.js';
import { replaceScalar, splice } from '../yaml-file.js';
import { type ContainerImage, containersOf } from './containers.js';

/** Images that the containers of a manifest name, or those of a patch for one. */
export const manifest: FileFormat<Extract<ImageTarget, { kind: 'manifest' }>> = { kind: 'manifest', read, edit };

function read(text: string, image: WantedImage): Reading {
  const ours = oursIn(text, image).images;
  return { names: ours.length > 0 && ours.every((each) => deploys(each.image, image)), spelled: spelledOf(ours) };
}

function edit(text: string, image: WantedImage): Edit {
  try {
    const { file, images } = oursIn(text, image);
    const before = spelledOf(images);
    if (before === undefined) return { is: 'notNamed' };
    const stale = images.filter((each) => !deploys(each.image, image));
    if (stale.length === 0) return { is: 'unchanged', before };
    const edited = splice(
      text,
      // Several aliases may stand for one value.
      [...new Map(stale.map((each) => [each.node, each])).values()].map((each) => {
        if (!each.node) throw new FileInvalid(`an alias stands for the image of ${nameOf(each)}, and cannot be edited`);
        return replaceScalar(file, each.node, retagged(each.image, image));
      }),
    );
    const now = read(edited, image);
    if (!now.names) return { is: 'refused', message: 'the image of a container cannot be edited in place' };
    return { is: 'edited', text: edited, before, after: now.spelled ?? '' };
  } catch (error) {
    if (error instanceof FileInvalid) return { is: 'refused', message: error.message };
    throw error;
  }
}

function oursIn(text: string, image: WantedImage) {
  const { file, images } = containersOf(text);
  return { file, images: images.filter((each) => isAbout(each.image, image)) };
}

function spelledOf(images: readonly ContainerImage[]): string | undefined {
  if (images.length === 0) return undefined;
  return [...new Set(images.map(({ image }) => image))].join(', ').slice(0, 512);
}

function nameOf({ kind, name, container }: ContainerImage): string {
  return `container ${container ?? ''} of ${kind} ${name}`;
}
