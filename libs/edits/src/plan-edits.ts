import { applicationKey, type PromotedApplication } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { type Done, Draft } from './draft.js';
import { type Changed, type Edits, joined, placeKey, type Replaced, whereOf } from './edits.js';
import { FileInvalid, PathMissing } from './file-invalid.js';
import { notNamed, unsupported } from './not-named.js';
import type { Application, EditsWanted } from './part.js';
import { type Rendered, readingOf } from './reading.js';
import { deploys, isAbout, splitReference } from './reference.js';
import { type Refusal, refuse } from './refusal.js';
import type { Place, Use, Way } from './renderer.js';
import { Strangers } from './strangers.js';
import { takenOver } from './taken-over.js';
import type { Trees } from './tree.js';
import { usesOf } from './uses.js';

/** Most places of an Application: an event can carry no more. */
const maxPlaces = 20;

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

type Outcome =
  | Refusal
  | Changed
  | { readonly is: 'skipped'; readonly message: string }
  /** `places` are those that name the image now. */
  | { readonly is: 'promoted'; readonly draft: Draft; readonly places: readonly Place[] };

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

/** What an Application renders with a draft, and its uses of the image. */
interface Standing {
  readonly read: Rendered;
  readonly uses: readonly Use[];
}

async function promoteUses(
  before: Draft,
  then: Standing,
  application: Application,
  strangers: Strangers,
): Promise<Outcome> {
  let [draft, current] = [before, then];
  const places = new Map<string, Place>();
  for (let index = 0; index < then.uses.length; index++) {
    const result = await promoteUse(draft, current, application, index, strangers);
    if ('is' in result) return result;
    // An edit for one use may have changed the next ones too.
    if (result.draft !== draft) current = await readAgain(result.draft, application);
    draft = result.draft;
    for (const each of [result.way, ...(result.way.also ?? [])]) places.set(placeKey(each), each);
    if (places.size > maxPlaces) {
      const many = `${applicationKey(application)} takes the image from more than ${maxPlaces} places`;
      return refuse('FileInvalid', `${many}, which no event can carry`);
    }
  }
  return { is: 'promoted', draft, places: [...places.values()] };
}

/** The first of its ways that works: it can be edited, nobody else feels it, and the Application renders the image. */
async function promoteUse(
  draft: Draft,
  then: Standing,
  application: Application,
  index: number,
  strangers: Strangers,
): Promise<{ draft: Draft; way: Way } | Refusal> {
  const { image } = application;
  const who = applicationKey(application);
  const use = then.uses[index];
  if (!use) throw new TypeError(`${who} has fewer uses of the image after an edit`);
  if (use.decidedBy) return refuse(use.decidedBy.reason, `${who}: ${use.decidedBy.message}`);
  const surrounded = surroundedIn(use, application);
  if (surrounded) return surrounded;
  const [current] = use.ways;
  if (current && deploys(use.image, image)) return { draft, way: current };
  let first: Refusal | undefined;
  // A file that a broken Application reads as well.
  let lastResort: { draft: Draft; way: Way } | undefined;
  for (const way of use.ways) {
    const edited = await draft.edited(way, image);
    if (typeof edited === 'string') {
      first ??= refuse('FileInvalid', edited);
      continue;
    }
    const hindrance = await strangers.hindrance(edited, way);
    first ??= hindrance?.refusal;
    if (hindrance && !hindrance.isBroken) continue;
    const why = whyWithoutEffect(then, await readAgain(edited, application), application, index, way);
    first ??= why;
    if (why) continue;
    if (!hindrance) return { draft: edited, way };
    lastResort ??= { draft: edited, way };
  }
  const nowhere = `${who} takes ${use.image} from files that are not in the repository and the branch of the Station`;
  return lastResort ?? first ?? refuse('EditWithoutEffect', nowhere);
}

/** Reads an Application of which only the texts of files have changed. */
async function readAgain(draft: Draft, application: Application): Promise<Standing> {
  const read = await readingOf(draft.trees, application);
  if (read.is === 'read') return { read, uses: usesOf(read, application) };
  throw new TypeError(`${applicationKey(application)} has another tool after an edit`);
}

/** After an edit the image must be there, and every other image must be as it was. */
function whyWithoutEffect(
  then: Standing,
  now: Standing,
  application: Application,
  index: number,
  { file }: Way,
): Refusal | undefined {
  const who = applicationKey(application);
  const use = now.uses[index];
  if (!use || !deploys(use.image, application.image)) {
    const still = use ? `it would still run ${use.image}` : 'it would no longer name the image';
    return refuse('EditWithoutEffect', `an edit of ${file} would not promote ${who}: ${still}`);
  }
  if (othersOf(then.read, application) === othersOf(now.read, application)) return undefined;
  return refuse('EditWithoutEffect', `an edit of ${file} would change other images of ${who} as well`);
}

/** A chart that makes `v1.0.0` of the tag `1.0.0`: our tag there would be another image. */
function surroundedIn({ image, around }: Use, { runs = [], ...application }: Application): Refusal | undefined {
  const { tag } = splitReference(image);
  if (!around || tag === undefined) return undefined;
  const running = runs
    .filter((each) => isAbout(each, application.image))
    .flatMap((each) => splitReference(each).tag ?? []);
  const start = around.before + tag + around.behind;
  const other = running.includes(tag) ? undefined : running.find((each) => each.startsWith(start));
  const who = applicationKey(application);
  const message = `${who}: the chart makes ${other} of the tag ${tag}, so the tag of the image cannot be written there`;
  return other === undefined ? undefined : refuse('EditWithoutEffect', message);
}

/** Our image, to which the build gives a repository that is no alias of it: our tag there would be another image. */
function replacedIn({ uses }: Rendered, { image }: Application): Refusal | undefined {
  const replaced = uses
    .filter((use) => !isAbout(use.image, image))
    .flatMap(({ was = [] }) => was.filter(({ name }) => isAbout(name, image)))[0];
  return replaced && refuse('FileInvalid', replaced.message);
}

function othersOf({ uses }: Rendered, { image }: Application): string {
  return JSON.stringify(uses.map((use) => use.image).filter((each) => !isAbout(each, image)));
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
