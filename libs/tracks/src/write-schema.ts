import { forgeProvider, mergeMethod, mergeMode, proposalTemplateFault } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { z } from 'zod';

const most = 20;

/** The name of a label or of a person, as a forge knows it. */
const name = z
  .string()
  .max(100)
  .regex(/^[^\p{Cc},]*[^\p{Cc}\p{Z},][^\p{Cc},]*$/u, 'must be a name without "," and line breaks');

const template = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .superRefine((text, context) => {
      if (text.length === 0 || text.length > longest) return;
      const fault = proposalTemplateFault(text);
      if (fault === undefined) return;
      context.addIssue({ code: 'custom', message: `must be a Liquid template: ${sanitizeLine(fault, 200)}` });
    });

/** No name twice: the forge would know only one of them. */
function refuseRepeats(names: readonly string[] | undefined, key: string, context: z.RefinementCtx): void {
  names?.forEach((each, at) => {
    if (names.indexOf(each) === at) return;
    context.addIssue({ code: 'custom', path: [key, at], message: `repeats "${sanitizeLine(each, 100)}"` });
  });
}

export const pullRequestObject = z.strictObject({
  provider: forgeProvider
    .optional()
    .describe(
      'The kind of forge; Forgejo is "gitea". Default: as the Secret of the repository says, or its host where that is certain.',
    ),
  merge: mergeMode
    .optional()
    .meta({ default: 'byPeople' })
    .describe(
      'Who merges. "byPeople": people. "auto": K8sTA, as soon as the forge permits it. "whenChecksPass": K8sTA, once every check that was reported has passed, and at least one was reported.',
    ),
  method: mergeMethod
    .optional()
    .meta({ default: 'merge' })
    .describe('How K8sTA merges. People choose for themselves; K8sTA finds their commit whichever way they merge.'),
  labels: z.array(name).min(1).max(most).optional().describe('The labels of the pull request.'),
  reviewers: z
    .array(name)
    .min(1)
    .max(most)
    .optional()
    .describe('The users who are asked to review; on GitHub also "organisation/team".'),
  draft: z.boolean().optional().meta({ default: false }).describe('Opens it as a draft, which people make ready.'),
  title: template(1_024)
    .refine((text) => !/[\r\n]/.test(text.trim()), 'must be one line')
    .optional()
    .describe('A Liquid template.'),
  body: template(10_000).optional().describe('A Liquid template; {{ text }} is what K8sTA writes without one.'),
});

export const writeObject = z.strictObject({
  pullRequest: z
    .union([
      pullRequestObject.superRefine(({ labels, reviewers }, context) => {
        refuseRepeats(labels, 'labels', context);
        refuseRepeats(reviewers, 'reviewers', context);
      }),
      z.literal(false),
    ])
    .optional()
    .describe('Opens a pull request instead of a commit on the branch; false returns to commits on the branch.'),
  statuses: z.boolean().optional().describe('Whether the forge shows on the commit what became of it.'),
  deployments: z
    .boolean()
    .optional()
    .describe('Whether GitHub shows a deployment to an environment of the name of the Station.'),
});

/** `write` as somebody wrote it on a Track or a Station. */
export type WrittenWrite = z.output<typeof writeObject>;
