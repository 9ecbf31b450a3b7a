import type { ImageTarget } from '@k8sta/contracts';
import type { FileFormat } from './format.js';
import { kustomizeFormat } from './kustomize/format.js';
import { manifest } from './manifest/index.js';
import { value } from './value/index.js';

/** One line for each way in which a file names an image. */
const formats: { readonly [Kind in ImageTarget['kind']]: FileFormat<Extract<ImageTarget, { kind: Kind }>> } = {
  kustomize: kustomizeFormat,
  manifest,
  value,
};

/** The format that reads and edits a place. */
export function formatAt({ kind }: ImageTarget): FileFormat {
  return formats[kind];
}
