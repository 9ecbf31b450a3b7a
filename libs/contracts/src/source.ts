import { z } from 'zod';
import { imageOverrides } from './override.js';

/** Where files are that do not come from the repository and the branch that a part commits to. */
const elsewhere = z.looseObject({
  repository: z.string().describe('its address, without credentials'),
  revision: z.string().describe('a branch, a tag or a commit, as the Application names it'),
});

const file = z.string().max(512);

/**
 * One of an Application's sources, with all that decides which files its build reads and what an image in them becomes
 * (ApplicationSource in pkg/apis/application/v1alpha1/types.go of argo-cd).
 */
export const editSource = z.looseObject({
  type: z.string().optional().describe('Kustomize, Helm, Directory or Plugin, as Argo CD detected it'),
  path: z
    .string()
    .optional()
    .describe('the directory, relative to the root of the repository; absent for a chart of a registry'),
  elsewhere: elsewhere.optional().describe('where `path` is; absent: in the repository and the branch of the part'),
  valueFiles: z.array(file).max(50).optional().describe('helm.valueFiles, in their order'),
  ignoreMissingValueFiles: z.boolean().optional(),
  refs: z
    .record(z.string(), z.looseObject({ elsewhere: elsewhere.optional() }))
    .optional()
    .describe(
      'the sources that value files name by `$ref`: in the repository and the branch of the part, or elsewhere',
    ),
  directory: z
    .looseObject({
      recurse: z.boolean().optional(),
      include: z.string().max(512).optional(),
      exclude: z.string().max(512).optional(),
      jsonnet: z.boolean().optional().describe('it has settings for jsonnet'),
    })
    .optional(),
  overrides: imageOverrides.optional().describe('what the source itself sets, which wins over the files'),
});
export type EditSource = z.infer<typeof editSource>;
