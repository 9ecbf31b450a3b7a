import { z } from 'zod';

/**
 * How a file names an image, so that no reader has to guess. Each kind carries what its reader needs in addition to the
 * file: a Helm value its key, a manifest its container.
 */
export const editTarget = z
  .discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('kustomize').describe('in the `images` list of a kustomization') }),
  ])
  .describe('how the file names the image');
export type ImageTarget = z.infer<typeof editTarget>;

/** One place in a repository that names an image. */
export const imagePlace = z.looseObject({
  file: z.string().describe('the path of the file in the repository'),
  target: editTarget,
});
export type ImagePlace = z.infer<typeof imagePlace>;
