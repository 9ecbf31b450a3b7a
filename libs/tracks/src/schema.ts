import { label, normaliseRepository, parseImage } from '@k8sta/contracts';
import { validRange } from 'semver';
import { z } from 'zod';
import { station } from './station-schema.js';
import { longestPattern, patternFault } from './tag-pattern.js';
import type { TagRule } from './tag-rule.js';
import { isJunction, type Station, type Subscription, type Track } from './track.js';
import { byMergeFault, mergedWrite, writeFaults } from './write.js';
import { writeObject } from './write-schema.js';

const repository = z
  .string()
  .transform((text, context) => {
    const fault = repositoryFault(text);
    if (fault === undefined) return normaliseRepository(text);
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  })
  .describe('The image repository, for example "ghcr.io/acme/storefront"; without a host it is on Docker Hub.');

function repositoryFault(text: string): string | undefined {
  try {
    const { tag, digest } = parseImage(text);
    if (tag === undefined && digest === undefined) return undefined;
    return 'must not contain a tag or a digest; list the tags under "tags"';
  } catch {
    return 'must be an image repository such as "ghcr.io/acme/storefront"';
  }
}

const range = z
  .string()
  .max(256)
  .refine((text) => validRange(text) !== null, 'must be a semver range such as ">=1.0.0 <2.0.0"')
  .describe('Only strict semver within this range rides; pre-releases only where the range names one (">=1.0.0-0").');

const expression = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const message = patternFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta({ maxLength: longestPattern });

const pattern = expression.describe(
  'Only tags in which this RE2 expression finds a match ride; "^" and "$" anchor it.',
);

/** A person who needs more has a pattern that is too narrow. Every webhook is matched against all of them. */
const mostIgnored = 10;

const ignore = z
  .union([expression, z.array(expression).min(1).max(mostIgnored)])
  .describe(
    `Tags in which this RE2 expression, or one of a list of at most ${mostIgnored}, finds a match do not ride, for example "-debug$".`,
  );

export const tagsObject = z.strictObject({
  semver: range.optional(),
  pattern: pattern.optional(),
  ignore: ignore.optional(),
});

const tags = tagsObject
  .refine(
    ({ semver, pattern, ignore }) =>
      (semver === undefined) !== (pattern === undefined) || (semver === undefined && ignore !== undefined),
    'must contain either "semver" or "pattern"',
  )
  .transform(({ semver, pattern, ignore }): TagRule => {
    const ignored = ignore === undefined ? {} : { ignore: [ignore].flat().map((each) => ({ pattern: each })) };
    if (semver !== undefined) return { is: 'semver', range: semver, ...ignored };
    return pattern === undefined ? { is: 'strictSemver', ...ignored } : { is: 'pattern', pattern, ...ignored };
  })
  .default({ is: 'strictSemver' })
  .meta({ minProperties: 1, not: { required: ['semver', 'pattern'] } })
  .describe('Which tags ride. Default: strict semver without pre-releases, so that "latest" does not.');

const aliases = z
  .array(repository)
  .min(1)
  .max(20)
  .optional()
  .describe('The repositories that stand in for the image in some environments, such as mirrors.');

export const imageObject = z.strictObject({ repository, tags, aliases });

const image = imageObject.transform(
  ({ aliases: stated, ...rest }): Subscription => ({ ...rest, ...(stated && { aliases: stated }) }),
);

export const trackObject = z.strictObject({
  name: label.describe('A DNS label, unique among all tracks files.'),
  images: z
    .array(image)
    .min(1)
    .optional()
    .describe('The images that ride this Track. Only a Track that a junction names may leave them out.'),
  order: z
    .enum(['semver', 'push'])
    .optional()
    .describe(
      'Which image is newer: "semver" compares versions, "push" the times of the pushes. Default: semver, or push if a tag rule is a pattern.',
    ),
  write: writeObject
    .optional()
    .describe('How the commits of its Stations are written, where they do not say it themselves. Default: by commits.'),
  stations: z.array(station).min(1).describe('The Stations in their order.'),
});

/** A Track whose order may be left out. */
export type WrittenTrack = Omit<Track, 'order'> & { readonly order?: Track['order'] };

/** What is wrong with what a Track and its Stations say together. */
function refuseTogether({ write, stations }: z.output<typeof trackObject>, { addIssue }: z.RefinementCtx): void {
  stations.forEach((each, at) => {
    const here = ['stations', at];
    for (const { in: where, path, message } of isJunction(each) ? [] : writeFaults(write, each.write)) {
      addIssue({ code: 'custom', path: [...(where === 'station' ? here : []), 'write', ...path], message });
    }
    const merged = isJunction(each) ? undefined : mergedWrite(write, each.write);
    const fault = each.gates.approval?.byMerge ? byMergeFault(merged ? { write: merged } : {}) : undefined;
    if (fault !== undefined) {
      addIssue({ code: 'custom', path: [...here, 'gates', 'approval', 'byMerge'], message: fault });
    }
  });
}

const track = trackObject
  // A Station that has a fault is still as it was written.
  .superRefine(refuseTogether, { when: ({ issues }) => issues.length === 0 })
  .transform(
    ({ name, images = [], order, write, stations }): WrittenTrack => ({
      name,
      images,
      ...(order && { order }),
      stations: stations.map(({ write: own, ...each }, at): Station => {
        const before = stations[at - 1]?.name ?? each.name;
        const checks = each.gates.checks.map((check) => ({ ...check, of: check.of ?? before }));
        const merged = isJunction(each) ? undefined : mergedWrite(write, own);
        return { ...each, gates: { ...each.gates, checks }, ...(merged && { write: merged }) };
      }),
    }),
  );

export const fileObject = z.strictObject({
  tracks: z.array(track).min(1).describe('Ordered lists of Stations and the images that ride them.'),
});

/** The tracks file as JSON Schema, for editors. */
export function tracksJsonSchema(): object {
  return { title: 'K8sTA tracks file', ...z.toJSONSchema(fileObject, { io: 'input' }) };
}
