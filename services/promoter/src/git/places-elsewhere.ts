import { normaliseGitUrl } from '@k8sta/contracts';
import type { Part } from '../part.js';

/** A repository, with its normalised name, and a revision as an Application names them. */
interface Place {
  readonly name: string;
  readonly repository: string;
  readonly revision: string;
}

export type Reads = Pick<Part, 'applications'>;

/**
 * The other repositories and revisions that the builds of these parts read, each once. Those of Applications outside the
 * Station are left out: a remote of theirs that fails must not stop this promotion. So are addresses that are not those of a
 * Git server, because nothing can be read there.
 */
export function placesElsewhere(parts: readonly Reads[]): Place[] {
  const sources = parts.flatMap(({ applications }) => applications.flatMap((application) => application.sources));
  const places = sources.flatMap(({ elsewhere, refs = {} }) => [
    elsewhere,
    ...Object.values(refs).map((each) => each.elsewhere),
  ]);
  const distinct = new Map<string, Place>();
  for (const place of places) {
    const name = place && nameOf(place.repository);
    if (!place || name === undefined) continue;
    const { repository, revision } = place;
    distinct.set(JSON.stringify([repository, revision]), { name, repository, revision });
  }
  return [...distinct.values()];
}

function nameOf(address: string): string | undefined {
  try {
    return normaliseGitUrl(address);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
