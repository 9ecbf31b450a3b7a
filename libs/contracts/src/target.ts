import { z } from 'zod';

/**
 * How a file names an image, so that no reader has to guess. Each kind carries what its reader needs in addition to
 * the file.
 */
export const editTarget = z
  .discriminatedUnion('kind', [
    z.looseObject({
      kind: z.literal('kustomize').describe('in the `images` list of a kustomization'),
      name: z
        .string()
        .max(512)
        .optional()
        .describe('the `name` of the entry, where the list also has entries for the image that have no effect'),
    }),
    z.looseObject({ kind: z.literal('manifest').describe('by `image` of the containers in a manifest or a patch') }),
    z.looseObject({
      kind: z.literal('value').describe('by a value under a key, as in the values of a Helm chart'),
      path: z
        .array(z.union([z.string().max(256), z.int().min(0)]))
        .min(1)
        .max(30)
        .describe('the keys, and the indexes of lists, from the root of the file'),
      holds: z
        .enum(['tag', 'reference', 'digest'])
        .describe('what the value is: the tag, the whole image reference, or the digest'),
    }),
  ])
  .describe('how the file names the image');
export type ImageTarget = z.infer<typeof editTarget>;

/** One place in a repository that names an image. */
export const imagePlace = z.looseObject({
  file: z.string().describe('the path of the file in the repository'),
  target: editTarget,
});
export type ImagePlace = z.infer<typeof imagePlace>;
