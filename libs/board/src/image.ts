import { parseImage } from '@k8sta/contracts';
import { imagesOf, type Track } from '@k8sta/tracks';

/** Only the tag if the Track has one repository, or else with the last part of the repository. */
export function imageName(track: Pick<Track, 'images' | 'brought'>, repository: string, tag: string): string {
  return imagesOf(track).length === 1 ? tag : `${repository.slice(repository.lastIndexOf('/') + 1)}:${tag}`;
}

/** The parts of an image as Argo CD reports it; empty if it is not an image. */
export function readImage(image: string): Partial<ReturnType<typeof parseImage>> {
  try {
    return parseImage(image);
  } catch {
    return {};
  }
}
