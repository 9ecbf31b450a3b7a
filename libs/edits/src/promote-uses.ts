import { applicationKey } from '@k8sta/contracts';
import type { Draft } from './draft.js';
import { placeKey } from './edits.js';
import type { Application } from './part.js';
import { type Rendered, readingOf } from './reading.js';
import { deploys, isAbout, splitReference } from './reference.js';
import { type Refusal, refuse } from './refusal.js';
import type { Place, Use, Way } from './renderer.js';
import type { Strangers } from './strangers.js';
import { usesOf } from './uses.js';

/** Most places of an Application: an event can carry no more. */
const maxPlaces = 20;

/** What an Application renders with a draft, and its uses of the image. */
export interface Standing {
  readonly read: Rendered;
  readonly uses: readonly Use[];
}

/** A draft in which each use names the image, and the places that do. */
export interface Promoted {
  readonly is: 'promoted';
  readonly draft: Draft;
  readonly places: readonly Place[];
}

/** Edits the places of an Application that name another image. Throws a FileInvalid. */
export async function promoteUses(
  before: Draft,
  then: Standing,
  application: Application,
  strangers: Strangers,
): Promise<Promoted | Refusal> {
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

/**
 * Edits the file of the first way that works: the file can be edited, no other Application changes, and this Application then
 * renders the image.
 */
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

function othersOf({ uses }: Rendered, { image }: Application): string {
  return JSON.stringify(uses.map((use) => use.image).filter((each) => !isAbout(each, image)));
}
