import { applicationKey, type PromotedApplication } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { type Done, Draft } from './draft.js';
import { type Changed, type Edits, joined, placeKey, type Replaced, whereOf } from './edits.js';
import { FileInvalid, PathMissing } from './file-invalid.js';
import { notNamed, unsupported } from './not-named.js';
import type { Application, EditsWanted } from './part.js';
import { type Promoted, promoteUses } from './promote-uses.js';
import { type Rendered, readingOf } from './reading.js';
import { deploys, isAbout } from './reference.js';
import { type Refusal, refuse } from './refusal.js';
import type { Place } from './renderer.js';
import { Strangers } from './strangers.js';
import { takenOver } from './taken-over.js';
import type { Trees } from './tree.js';
import { usesOf } from './uses.js';

/**
 * Decides what a part changes in these files. It reads through `trees` only and writes nothing. An edit is proven: after
 * it the Application must render the image, and no Application outside the Station may render anything else than before.
 */
export async function planEdits(trees: Trees, wanted: EditsWanted): Promise<Edits> {
  const strangers = new Strangers(trees, wanted.protectedSources);
  const applications: PromotedApplication[] = [];
  const replaces: Replaced[] = [];
  let draft = new Draft(trees);
  const promoted: { application: Application; places: readonly Place[] }[] = [];
  for (const application of wanted.applications) {
    const outcome = await promote(draft, application, recordedOf(wanted, application), strangers);
    if (outcome.is === 'refused' || outcome.is === 'changed') return outcome;
    if (outcome.is === 'skipped') {
      const { namespace, name } = application;
      applications.push({ namespace, name, outcome: 'skipped', message: sanitizeLine(outcome.message, 1_000) });
      continue;
    }
    draft = outcome.draft;
    promoted.push({ application, places: outcome.places });
  }
  for (const { application, places } of promoted) {
    const images = await imagesBeforeAndAfter(trees, draft, application);
    if (!images) return torn(wanted.station);
    const done = await Promise.all(places.map((place) => draft.doneAt(place, application.image)));
    const changed = changedOf(application, done, recordedOf(wanted, application));
    if (changed) return changed;
    applications.push(promotedAs(application, done, images));
    for (const { place, before } of done) {
      replaces.push({ namespace: application.namespace, name: application.name, ...place, value: before });
    }
  }
  return { is: 'planned', applications: inOrder(wanted, applications), replaces, files: draft.files };
}

type Outcome = Refusal | Changed | Promoted | { readonly is: 'skipped'; readonly message: string };

/** Finds the places from which an Application takes the image, and edits those that name another one. */
async function promote(
  before: Draft,
  application: Application,
  recorded: readonly Replaced[] | undefined,
  strangers: Strangers,
): Promise<Outcome> {
  if (recorded?.length === 0) {
    return { is: 'skipped', message: 'its files did not name the image when the promotion started' };
  }
  const [gone] = recorded ?? [];
  try {
    const read = await readingOf(before.trees, application);
    if (read.is === 'unsupported') return unsupported(application, read);
    const taken = takenOver(read, application);
    if (taken) return taken;
    const uses = usesOf(read, application);
    const replaced = replacedIn(read, application);
    if (replaced) return replaced;
    if (uses.length === 0) {
      if (gone) return { is: 'changed', application, place: gone, now: 'nothing' };
      return notNamed(application, read);
    }
    return await promoteUses(before, { read, uses }, application, strangers);
  } catch (error) {
    if (error instanceof PathMissing && (gone || application.replaces !== undefined)) {
      return { is: 'changed', application, place: gone, now: 'nothing' };
    }
    if (error instanceof PathMissing) return refuse('PathMissing', error.message);
    if (error instanceof FileInvalid) return refuse('FileInvalid', error.message);
    throw error;
  }
}

/** Our image, to which the build gives a repository that is no alias of it: our tag there would be another image. */
function replacedIn({ uses }: Rendered, { image }: Application): Refusal | undefined {
  const replaced = uses
    .filter((use) => !isAbout(use.image, image))
    .flatMap(({ was = [] }) => was.filter(({ name }) => isAbout(name, image)))[0];
  return replaced && refuse('FileInvalid', replaced.message);
}

/** What the Application renders before and after; undefined if it would not render the image after all. */
async function imagesBeforeAndAfter(
  trees: Trees,
  draft: Draft,
  application: Application,
): Promise<{ before: string; after: string } | undefined> {
  const [then = [], now = []] = await Promise.all(
    [trees, draft.trees].map(async (each) => {
      const read = await readingOf(each, application);
      return read.is === 'read' ? usesOf(read, application).map(({ image }) => image) : [];
    }),
  );
  if (!now.every((each) => deploys(each, application.image))) return undefined;
  return { before: joined(then), after: joined(now) };
}

function torn(station: string): Refusal {
  return refuse('FileInvalid', `two Applications of Station ${station} share a file but need different images`);
}

function recordedOf({ started }: EditsWanted, application: Application): Replaced[] | undefined {
  return started?.replaces.filter((each) => applicationKey(each) === applicationKey(application));
}

/** Somebody changed a place since the part started. */
function changedOf(
  application: Application,
  done: readonly Done[],
  recorded: readonly Replaced[] | undefined,
): Changed | undefined {
  if (!recorded) return undefined;
  for (const { place, before, isEdited } of done) {
    const then = recorded.find((each) => placeKey(each) === placeKey(place));
    if (isEdited && then?.value !== before) {
      return { is: 'changed', application, place: then ?? place, now: before || 'nothing' };
    }
  }
  return undefined;
}

function promotedAs(
  { namespace, name }: Application,
  done: readonly Done[],
  images: { before: string; after: string },
): PromotedApplication {
  return {
    ...{ namespace, name, ...whereOf(done.map(({ place }) => place)) },
    outcome: done.some(({ isEdited }) => isEdited) ? 'edited' : 'unchanged',
    ...images,
  };
}

function inOrder({ applications }: EditsWanted, given: readonly PromotedApplication[]): PromotedApplication[] {
  const at = (each: PromotedApplication) =>
    applications.findIndex((application) => applicationKey(application) === applicationKey(each));
  return [...given].sort((a, b) => at(a) - at(b));
}
