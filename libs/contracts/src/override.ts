import { z } from 'zod';

/** A setting of an image in the Application itself, which wins over the files in Git. */
const imageOverride = z.looseObject({
  kind: z
    .enum(['kustomizeImages', 'helmParameters', 'helmValues'])
    .describe('the field of the source: kustomize.images, helm.parameters, or helm.values and helm.valuesObject'),
  value: z
    .string()
    .max(512)
    .describe('the entry of kustomize.images, the name of the Helm parameter, or the key of the Helm value'),
  text: z
    .string()
    .max(512)
    .optional()
    .describe(
      'what a Helm parameter or value sets, where it is a repository or a registry; other values may be secrets',
    ),
});
export type ImageOverride = z.infer<typeof imageOverride>;

/** The overrides of one source. */
export const imageOverrides = z.array(imageOverride).max(20);
