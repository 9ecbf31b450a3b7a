import type { DataOf, EditSource } from '@k8sta/contracts';

/** An Application as `application.observed` carries it. */
export type Observed = DataOf<'application.observed'>;

/** One of its sources. */
export type Source = Observed['sources'][number];

/** The Applications that are known, by `namespace/name`. One that is gone no longer exists. */
export type Observations = Readonly<Record<string, { readonly observed: Observed; readonly gone: boolean }>>;

/** A source of an Application, as seen from a repository and a branch that it reads. */
export interface ApplicationSource {
  readonly namespace: string;
  readonly name: string;
  /** Full ref name; undefined for the default branch of the repository. */
  readonly branch: string | undefined;
  readonly source: EditSource;
}
