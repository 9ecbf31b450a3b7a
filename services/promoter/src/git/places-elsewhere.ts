import type { Part } from '../part.js';

/** A repository and a revision as an Application names them. */
type Place = Pick<NonNullable<Part['elsewhere']>[number], 'repository' | 'revision'>;

/**
 * The other repositories and revisions that the builds of these parts read, each once. Those of Applications outside the
 * Station are left out: a remote of theirs that fails must not stop this promotion.
 */
export function placesElsewhere(parts: readonly Part[]): Place[] {
  const sources = parts.flatMap(({ applications }) => applications.flatMap((application) => application.sources));
  const places = sources.flatMap(({ elsewhere, refs = {} }) => [
    elsewhere,
    ...Object.values(refs).map((each) => each.elsewhere),
  ]);
  const distinct = new Map<string, Place>();
  for (const place of places) {
    if (place) distinct.set(JSON.stringify([place.repository, place.revision]), place);
  }
  return [...distinct.values()].map(({ repository, revision }) => ({ repository, revision }));
}
