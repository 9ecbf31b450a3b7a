import type { Observed } from '@k8sta/applications';
import { type Environment, environmentsIn, type Sighting, stemOf } from './environment.js';

/** The environment of an Application, and what shows it. */
export interface Placed {
  readonly application: Observed;
  readonly environment: Environment | undefined;
  /** As it is spelled. */
  readonly word: string | undefined;
  readonly stem: string;
  /** For people; undefined if its name shows it. */
  readonly shownBy: string | undefined;
}

/** Which word counts if a name has several, as in `live-chat-dev`. */
type Reading = 'first' | 'last';

const environmentLabel = /(^|[./-])(env|environment|stage|tier)$/i;

/** Finds the environment of an Application: by its name, else by a label, its path, its value files or its namespace. */
function place(application: Observed, reading: Reading): Placed {
  const { name, labels = {}, sources, destination } = application;
  const named = chosen(environmentsIn(name), reading);
  if (named) {
    return { application, environment: named.environment, word: named.word, stem: named.stem, shownBy: undefined };
  }
  const places: [shownBy: string, text: string | undefined][] = [
    ...Object.entries(labels)
      .filter(([key]) => environmentLabel.test(key))
      .map(([key, value]): [string, string] => [`its label ${key}`, value]),
    ...sources.map(({ path }): [string, string | undefined] => ['its path', path]),
    ...sources.map(({ valueFiles }): [string, string | undefined] => ['its value files', valueFiles?.at(-1)]),
    ['its namespace', destination?.namespace],
  ];
  for (const [shownBy, text = ''] of places) {
    const found = chosen(environmentsIn(text), 'last');
    if (found) return { application, environment: found.environment, word: found.word, stem: stemOf(name), shownBy };
  }
  return { application, environment: undefined, word: undefined, stem: stemOf(name), shownBy: undefined };
}

function chosen(sightings: readonly Sighting[], reading: Reading): Sighting | undefined {
  return reading === 'first' ? sightings[0] : sightings.at(-1);
}

/**
 * Places Applications of one image by the reading of their names that tells most environments apart: with the last word,
 * `dev-live-chat` and `prod-live-chat` would both be live.
 */
export function placeAll(applications: readonly Observed[]): Placed[] {
  const [last, first] = (['last', 'first'] as const).map((reading) => applications.map((each) => place(each, reading)));
  const count = (placed: readonly Placed[] = []) => new Set(placed.map(({ environment }) => environment)).size;
  return (count(first) > count(last) ? first : last) ?? [];
}
