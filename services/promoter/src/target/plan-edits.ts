import { applicationKey, type PromotedApplication } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { type Part, type Refusal, refuse, type Started } from '../part.js';
import { FileInvalid } from './file-invalid.js';
import { allTargets, targetAt, targetFor } from './index.js';
import { isAbout, splitReference } from './reference.js';
import type { Application, EditTarget, Located, Place } from './target.js';
import type { Tree } from './tree.js';

type Replaced = Started['replaces'][number];

/** An event can carry no more places. */
const maxPlaces = 20;

/** The edits of one part on one commit's files. */
export type Edits =
  | Refusal
  | Changed
  | {
      readonly is: 'planned';
      readonly applications: PromotedApplication[];
      /** What each file named before, for `promotion.started`. */
      readonly replaces: Started['replaces'];
      /** The new text by path; empty when nothing has to change. */
      readonly files: ReadonlyMap<string, string>;
    };

/** The file no longer names what it named when this part started. */
export interface Changed {
  readonly is: 'changed';
  readonly application: Application;
  readonly place: Pick<Place, 'file' | 'target'>;
  readonly now: string;
}

/** Decides what a part changes in these files. It reads through `tree` only and writes nothing. */
export async function planEdits(tree: Tree, part: Part): Promise<Edits> {
  const draft = new Draft();
  const located: { application: Application; places: readonly Place[] }[] = [];
  for (const application of part.applications) {
    const recorded = part.started?.replaces.filter((each) => applicationKey(each) === applicationKey(application));
    if (recorded?.length === 0) {
      draft.skip(application, 'its files did not name the image when the promotion started');
      continue;
    }
    const found = await placesOf(tree, application, recorded ?? []);
    if (found.is === 'refused' || found.is === 'changed') return found;
    if (found.is === 'skipped') {
      draft.skip(application, found.message);
      continue;
    }
    located.push({ application, places: found.places });
    const stopped = draft.promote(application, found.places, recorded);
    if (stopped) return stopped;
  }
  const torn = located.some(({ application, places }) =>
    places.some(({ file, target, text }) => {
      return !targetAt(target).read(draft.files.get(file) ?? text, application.image, target).names;
    }),
  );
  if (torn) {
    return refuse('FileInvalid', `two Applications of Station ${part.station} share a file but need different images`);
  }
  const { applications, replaces, files } = draft;
  return (await sharedWith(tree, part, files)) ?? { is: 'planned', applications, replaces, files };
}

type Places = Exclude<Located, { is: 'notNamed' }> | Changed | { readonly is: 'skipped'; readonly message: string };

/** The places that name the Application's image, or why the Application is not promoted. */
async function placesOf(tree: Tree, application: Application, recorded: readonly Replaced[]): Promise<Places> {
  const who = applicationKey(application);
  const target = targetFor(application);
  if (!target) {
    const message = `the source of ${who} is of type ${application.sourceType}`;
    // A Station may have Applications that do not use the image, such as the chart of a database.
    if (application.runs && !runningOf(application)) return { is: 'skipped', message: `${message}${notRunning}` };
    return refuse('UnsupportedSource', `${message}; only Kustomize sources can be promoted`);
  }
  const found = await target.locate(tree, application);
  const [first] = recorded;
  if (first && (found.is === 'notNamed' || (found.is === 'refused' && found.reason === 'PathMissing'))) {
    return { is: 'changed', application, place: first, now: 'nothing' };
  }
  if (found.is === 'refused') return found;
  if (found.is === 'located' && found.places.length > maxPlaces) {
    return refuse(
      'FileInvalid',
      `${who} takes the image from ${found.places.length} places; the limit is ${maxPlaces}`,
    );
  }
  const override = target.overriddenBy(application, found.is === 'located' ? found.places : []);
  if (override !== undefined) {
    const file = found.is === 'located' ? found.places[0].file : found.file;
    const message = `${who}: ${override}, which wins over ${file}: remove it from the Application`;
    return refuse('OverriddenInApplication', message);
  }
  return found.is === 'notNamed' ? notNamed(target, application, found) : found;
}

const notRunning = ', and none of its pods runs the image';

function runningOf({ image, runs = [] }: Application): string | undefined {
  return runs.find((each) => isAbout(each, image));
}

/** Skips an Application that does not use the image. Refuses one that runs it, because it would keep the old image. */
function notNamed(
  target: EditTarget,
  application: Application,
  { file, why, note }: Extract<Located, { is: 'notNamed' }>,
): Places {
  const running = runningOf(application);
  const noted = note === undefined ? '' : `; ${note}`;
  if (running === undefined) {
    return { is: 'skipped', message: `${file} ${why}${application.runs ? notRunning : ''}${noted}` };
  }
  const reference = splitReference(running);
  const message = `${applicationKey(application)} runs ${reference.name}, but ${file} ${why}${noted}; add these lines to it:`;
  return refuse('ImageNotNamed', message, target.linesFor(reference));
}

/** Collects the edits of a part, one Application at a time. */
class Draft {
  readonly applications: PromotedApplication[] = [];
  readonly replaces: Replaced[] = [];
  readonly files = new Map<string, string>();
  /** What each place named before this part, and whether it was edited: Applications may share a file. */
  readonly #places = new Map<string, { before: string; isEdited: boolean }>();

  skip({ namespace, name }: Application, message: string): void {
    this.applications.push({ namespace, name, outcome: 'skipped', message: sanitizeLine(message, 1_000) });
  }

  /** Edits the Application's places, or returns why it cannot. */
  promote(
    application: Application,
    places: readonly Place[],
    recorded: readonly Replaced[] | undefined,
  ): Refusal | Changed | undefined {
    const { namespace, name, image } = application;
    const done: { before: string; after: string; isEdited: boolean }[] = [];
    for (const { file, target, text } of places) {
      const edit = targetAt(target).edit(this.files.get(file) ?? text, image, target);
      if (edit.is === 'refused') return refuse('FileInvalid', `${file} ${edit.message}`);
      if (edit.is === 'notNamed') throw new TypeError(`${file} was located, but it does not name ${image.repository}`);
      const key = `${file} ${JSON.stringify(target)}`;
      const was = this.#places.get(key) ?? { before: edit.before ?? '', isEdited: false };
      const isEdited = was.isEdited || edit.is === 'edited';
      if (edit.is === 'edited') {
        const then = recorded?.find((each) => each.file === file);
        if (recorded && then?.value !== was.before) {
          return { is: 'changed', application, place: then ?? { file, target }, now: was.before || 'nothing' };
        }
        this.files.set(file, edit.text);
      }
      this.#places.set(key, { before: was.before, isEdited });
      this.replaces.push({ namespace, name, file, target, value: was.before });
      done.push({ before: was.before, after: edit.is === 'edited' ? edit.after : edit.before, isEdited });
    }
    this.applications.push({
      ...{ namespace, name, ...whereOf(places) },
      outcome: done.some(({ isEdited }) => isEdited) ? 'edited' : 'unchanged',
      before: joined(done.map(({ before }) => before)),
      after: joined(done.map(({ after }) => after)),
    });
    return undefined;
  }
}

/** The places in the form of `promotion.committed`. */
export function whereOf(places: readonly Place[]): Pick<PromotedApplication, 'file' | 'target' | 'alsoIn'> {
  const [first, ...more] = places.map(({ file, target }) => ({ file, target }));
  return { ...first, ...(more.length > 0 && { alsoIn: more }) };
}

/** What several places name, without repeats, cut to the length that an event can carry. */
export function joined(spelled: readonly string[]): string {
  return [...new Set(spelled)]
    .filter((each) => each !== '')
    .join(', ')
    .slice(0, 512);
}

/** Refuses an edit that would reach another Station: a file that its build reads. */
async function sharedWith(tree: Tree, part: Part, files: ReadonlyMap<string, string>): Promise<Refusal | undefined> {
  if (files.size === 0) return undefined;
  for (const source of part.protectedSources) {
    const who = `${applicationKey(source)}${source.station ? ` of Station ${source.station}` : ', which is on no Station of this Track'}`;
    try {
      for (const target of allTargets) {
        const read = await target.filesReadBy(tree, source);
        const shared = [...files.keys()].find((file) => read.has(file));
        if (shared === undefined) continue;
        return refuse('SharedFile', `${shared} is also read by ${who}; it would be promoted too`);
      }
    } catch (error) {
      if (!(error instanceof FileInvalid)) throw error;
      return refuse('FileInvalid', `it is unknown whether ${who} reads the same files: ${error.message}`);
    }
  }
  return undefined;
}
