import { type ImageOverride, parseKeyPath } from '@k8sta/contracts';
import { Elements } from './layers.js';
import type { Release } from './release.js';

type Inline = NonNullable<Release['inline']>[number];

/** Stands for a value that the Application sets and K8sTA does not know. */
const unknown = 'set-in-the-application';

/** What an Application sets of the values itself: `values` and `valuesObject` win over files, and parameters over those. */
export function inlineOf(overrides: readonly ImageOverride[]): Inline[] {
  return [
    ...overrides.filter(({ kind }) => kind === 'helmValues').map((each) => inline(each, '`values` of its source set')),
    ...overrides
      .filter(({ kind }) => kind === 'helmParameters')
      .map((each) => inline(each, 'the parameters of its source set')),
  ];
}

function inline({ value, text }: ImageOverride, what: string): Inline {
  const path = parseKeyPath(value) ?? [value];
  return {
    values: path.reduceRight<unknown>(
      (inner, key) => (typeof key === 'number' ? new Elements(key, inner) : { [key]: inner }),
      text ?? unknown,
    ),
    by: `${what} "${value}"`,
  };
}
