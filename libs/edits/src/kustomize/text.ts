import type { Use, Way } from '../renderer.js';

/** How an image in a manifest came to be. */
export interface Trail {
  /** Where it can be changed, first the place that decides it. */
  readonly ways: readonly Way[];
  /** The kustomizations that it passed since, each of which could have an entry for it. */
  readonly insertions: readonly Way[];
  /** The names that it had before entries gave it another repository. */
  readonly was: NonNullable<Use['was']>;
  /** What decides it, if that cannot be edited. */
  readonly decidedBy?: Use['decidedBy'];
}

/** The value of `image` in a manifest. Everything else in a manifest is plain data. */
export class Text {
  readonly text: string;
  readonly trail: Trail;

  constructor(text: string, trail: Trail) {
    this.text = text;
    this.trail = trail;
  }
}

/** A value that a file gives; without a way it cannot be edited there. */
export function literal(text: string, way: Way | undefined): Text {
  return new Text(text, { ways: way ? [way] : [], insertions: [], was: [] });
}

/** The use that a rendered image is. */
export function useOf({ text, trail }: Text): Use {
  // The Application's own kustomization wins over those below it.
  const insertions = trail.insertions.toReversed();
  // A manifest that others build too is left alone: an entry can be added instead.
  const first = trail.ways.map((way) =>
    way.target.kind === 'manifest' && insertions.length > 0 ? { ...way, isOwn: true } : way,
  );
  const ways = [...first, ...insertions];
  const decidedBy = ways.length === 0 ? trail.decidedBy : undefined;
  return { image: text, ways, ...(trail.was.length > 0 && { was: trail.was }), ...(decidedBy && { decidedBy }) };
}
