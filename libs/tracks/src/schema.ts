import { label, normaliseRepository, parseImage, parseKeyPath, subdomain } from '@k8sta/contracts';
import { validRange } from 'semver';
import { z } from 'zod';
import { durationPattern, parseDuration } from './duration.js';
import { longestPattern, patternFault } from './tag-pattern.js';
import type { TagRule } from './tag-rule.js';
import type { Station, Subscription, Track } from './track.js';

/** The namespace of an Application that is named without one: Argo CD's default installation namespace. */
export const defaultNamespace = 'argocd';

/** The history is kept for 30 days; K8sTA could not explain a longer deadline. */
const longestMs = 30 * 24 * 60 * 60 * 1000;

const durationMessage = 'must be a duration such as "90s", "10m" or "1h30m"';

const duration = z
  .string({
    error: ({ input }) => {
      if (typeof input !== 'number') return undefined;
      return Number.isInteger(input) && input > 0
        ? `is a number without a unit: write "${input}m" for minutes or "${input}s" for seconds`
        : durationMessage;
    },
  })
  .regex(durationPattern, durationMessage)
  .transform((text) => parseDuration(text) ?? 0)
  .refine((ms) => ms > 0 && ms <= longestMs, 'must be between 1s and 720h');

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

const application = z
  .string()
  .transform((text, context) => {
    const [first = '', second, ...more] = text.split('/');
    const [namespace, name] = second === undefined ? [defaultNamespace, first] : [first, second];
    if (more.length === 0 && label.safeParse(namespace).success && subdomain.safeParse(name).success) {
      return { namespace, name };
    }
    context.addIssue({ code: 'custom', message: 'must be a Kubernetes name, or namespace/name' });
    return z.NEVER;
  })
  .describe(`An Argo CD Application: its name, in the namespace "${defaultNamespace}", or namespace/name.`);

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const labelKey = z
  .string()
  .max(317)
  .regex(
    /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    'must be the key of a label',
  );
const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/, 'must be the value of a label');

export const selectorObject = z.strictObject({
  matchLabels: z
    .record(labelKey, labelValue)
    .refine((labels) => Object.keys(labels).length > 0, 'must not be empty: it would select every Application')
    .meta({ minProperties: 1 })
    .describe('An Application must have all of these labels.'),
});

/** A path in a repository, without `.` and `..`. */
const file = z
  .string()
  .max(1024)
  .regex(/^(?!\.{0,2}(\/|$))[^/\\\0]+(\/(?!\.{0,2}(\/|$))[^/\\\0]+)*$/, {
    error: 'must be the path of a file in the repository, such as "shop/prod.yaml"',
  })
  .describe('The file, as a path from the root of the repository.');

const key = z
  .string()
  .max(1024)
  .refine((text) => parseKeyPath(text) !== undefined, {
    error: String.raw`must be the path to a value, such as "image.tag", "containers[1].image" or "\"a.b\".tag"`,
  })
  .describe('The value in the file: keys with "." between them, and indexes of lists in brackets.');

export const editObject = z.strictObject({ file, key });

export const stationObject = z.strictObject({
  name: label.describe('A DNS label, unique in the Track.'),
  deadline: duration.prefault('30m').describe('How long arrival may take, from the commit.'),
  onFailure: z.enum(['stop']).default('stop').describe('What happens when the Station fails.'),
  applications: z.array(application).min(1).optional().describe('The Applications that together are one environment.'),
  selector: selectorObject.optional().describe('Selects the Applications by their labels instead of by name.'),
  edit: editObject.optional().describe('Where the tag is. Only needed where K8sTA cannot find it.'),
});

const station = stationObject
  .refine(
    (written) => (written.applications === undefined) !== (written.selector === undefined),
    // Checked even if there are other faults, so that a person sees all of them at once.
    {
      error: 'must contain either "applications" or "selector"',
      when: ({ value }) => value !== null && typeof value === 'object',
    },
  )
  .transform(
    ({ deadline, applications, selector, edit, ...rest }): Station => ({
      ...rest,
      deadlineMs: deadline,
      applications: applications ?? [],
      ...(selector && { matchLabels: selector.matchLabels }),
      ...(edit && { edit }),
    }),
  )
  .meta({ oneOf: [{ required: ['applications'] }, { required: ['selector'] }] });

export const trackObject = z.strictObject({
  name: label.describe('A DNS label, unique among all tracks files.'),
  images: z.array(image).min(1).describe('The images that ride this Track.'),
  order: z
    .enum(['push'])
    .default('push')
    .describe('How to order images by age: "push" is the order in which they were pushed.'),
  stations: z.array(station).min(1).describe('The Stations in their order.'),
});

export const fileObject = z.strictObject({
  tracks: z
    .array(trackObject.transform((track): Track => track))
    .min(1)
    .describe('Ordered lists of Stations and the images that ride them.'),
});

/** The tracks file as JSON Schema, for editors. */
export function tracksJsonSchema(): object {
  return { title: 'K8sTA tracks file', ...z.toJSONSchema(fileObject, { io: 'input' }) };
}
