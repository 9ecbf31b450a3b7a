import { label, parseKeyPath, subdomain } from '@k8sta/contracts';
import { z } from 'zod';
import { duration } from './duration.js';
import { gates, type WrittenGates } from './gates-schema.js';
import { noGates, type Station } from './track.js';
import { type WrittenWrite, writeObject } from './write-schema.js';

/** The namespace of an Application that is named without one: Argo CD's default installation namespace. */
export const defaultNamespace = 'argocd';

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

/** More Tracks than this are a tree of junctions. */
const mostTracks = 50;

/** Written out instead of `default`, so that a key that means nothing at a junction is refused only where somebody wrote it. */
const defaults = { deadlineMs: 30 * 60_000, onFailure: 'stop', afterRevert: 'hold', soakMs: 0 } as const;

export const stationObject = z.strictObject({
  name: label.describe('A DNS label, unique in the Track.'),
  gates: gates.optional().describe('What must hold before a Ticket enters the Station.'),
  deadline: duration.optional().meta({ default: '30m' }).describe('How long arrival may take, from the commit.'),
  patience: duration
    .optional()
    .describe(
      'How long nothing may change before the Ticket gives way to a newer one. Default: 5m, as the tracker is configured.',
    ),
  soak: duration.optional().describe('How long a Ticket stays after its arrival, before it goes on.'),
  onFailure: z
    .enum(['stop', 'rollback'])
    .optional()
    .meta({ default: defaults.onFailure })
    .describe(
      'What happens when the Station fails: "stop" keeps the commit, "rollback" commits what ran there before.',
    ),
  afterRevert: z
    .enum(['hold', 'goOn'])
    .optional()
    .meta({ default: defaults.afterRevert })
    .describe(
      'What the next Ticket does where a person took the Station back: "hold" waits for a resume, "goOn" enters.',
    ),
  applications: z.array(application).min(1).optional().describe('The Applications that together are one environment.'),
  selector: selectorObject.optional().describe('Selects the Applications by their labels instead of by name.'),
  edit: editObject.optional().describe('Where the tag is. Only needed where K8sTA cannot find it.'),
  write: writeObject
    .optional()
    .describe('How its commits are written, before what the Track says. Default: by commits.'),
  tracks: z
    .array(label)
    .min(1)
    .max(mostTracks)
    .optional()
    .describe('Makes the Station a junction: a Ticket that reaches it opens one Ticket on each of these Tracks.'),
});

/** A Station whose checks may leave out the Station that they are of, without what its Track says about `write`. */
export type WrittenStation = Omit<Station, 'gates' | 'write'> & {
  readonly gates: WrittenGates;
  readonly write?: WrittenWrite;
};

const contents = ['applications', 'selector', 'tracks'] as const;

/** What is about Applications, which a junction does not have. */
const notAtJunction = ['deadline', 'patience', 'soak', 'afterRevert', 'edit', 'write'] as const;

/** What is wrong with the keys of a Station as a whole. */
function refuseKeys(written: z.output<typeof stationObject>, { addIssue }: z.RefinementCtx): void {
  const refuse = (path: string[], message: string) => addIssue({ code: 'custom', path, message });
  if (contents.filter((each) => written[each] !== undefined).length !== 1)
    refuse([], 'must contain either "applications", "selector" or "tracks"');
  if (written.tracks === undefined) return;
  for (const each of notAtJunction) {
    if (written[each] !== undefined)
      refuse([each], 'means nothing at a junction; write it on the Tracks that it names');
  }
  if (written.onFailure === 'rollback')
    refuse(
      ['onFailure'],
      'must be "stop" at a junction, which commits nothing; write "rollback" on the Tracks it names',
    );
}

export const station = stationObject
  // Checked even if there are other faults, so that a person sees all of them at once.
  .superRefine(refuseKeys, { when: ({ value }) => value !== null && typeof value === 'object' })
  .transform(
    ({ name, deadline, patience, soak, applications, selector, edit, ...rest }): WrittenStation => ({
      name,
      deadlineMs: deadline ?? defaults.deadlineMs,
      ...(patience !== undefined && { patienceMs: patience }),
      onFailure: rest.onFailure ?? defaults.onFailure,
      afterRevert: rest.afterRevert ?? defaults.afterRevert,
      soakMs: soak ?? defaults.soakMs,
      gates: rest.gates ?? noGates,
      applications: applications ?? [],
      ...(selector && { matchLabels: selector.matchLabels }),
      ...(edit && { edit }),
      ...(rest.write && { write: rest.write }),
      tracks: rest.tracks ?? [],
    }),
  )
  .meta({ oneOf: contents.map((each) => ({ required: [each] })) });
