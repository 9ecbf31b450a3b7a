import type { ImageTarget } from '@k8sta/contracts';
import type { FileFormat } from '../format.js';
import { editImage } from './edit.js';
import { readImage } from './kustomization.js';

/** Images that the `images` list of a kustomization names. */
export const kustomizeFormat: FileFormat<Extract<ImageTarget, { kind: 'kustomize' }>> = {
  kind: 'kustomize',
  read: (text, image, { name }) => readImage(text, image, name),
  edit: (text, image, { name }, spelling) => editImage(text, image, name, spelling),
};
