import type { PromotedApplication } from '@k8sta/contracts';
import type { Application, Started } from './part.js';
import type { Refusal } from './refusal.js';
import type { Place } from './renderer.js';

export type Replaced = Started['replaces'][number];

/** The edits of one part on one commit's files. */
export type Edits =
  | Refusal
  | Changed
  | {
      readonly is: 'planned';
      readonly applications: PromotedApplication[];
      /** What each place named before, for `promotion.started`. */
      readonly replaces: Replaced[];
      /** The new text by path; empty when nothing has to change. */
      readonly files: ReadonlyMap<string, string>;
    };

/** The file no longer names what it named when this part started, or what the part rolls back. */
export interface Changed {
  readonly is: 'changed';
  readonly application: Application;
  /** Absent where no file names the image any more. */
  readonly place?: Place | undefined;
  readonly now: string;
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

/** Each place once. */
export function distinct<At extends Place>(places: readonly At[]): At[] {
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}

/** One text for the same place, whichever way it is spelled. */
export function placeKey({ file, target }: Place): string {
  return JSON.stringify([file, target.kind, target.kind === 'value' ? [target.path, target.holds] : []]);
}
