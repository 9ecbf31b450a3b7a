import { z } from 'zod';
import type { ListStep } from '../source.js';
import { call } from './call.js';
import type { Cluster } from './cluster.js';
import { failed, refusalOfError } from './refusal.js';

export const applicationsResource = { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' } as const;

/** Which Applications. */
export interface Selection {
  /** Undefined: of all namespaces. */
  readonly namespace: string | undefined;
  /** A label selector. */
  readonly selector: string | undefined;
}

export interface ListOptions {
  readonly pageSize: number;
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});

/**
 * Lists page by page; all pages show the moment of the first. A refusal `expired` in the middle means that the next
 * page's token is too old, and the list has to begin again.
 */
export async function* list(
  cluster: Cluster,
  { namespace, selector }: Selection,
  options: ListOptions,
): AsyncGenerator<ListStep> {
  let token: string | undefined;
  let resourceVersion: string | undefined;
  do {
    const parameters = {
      ...applicationsResource,
      limit: options.pageSize,
      ...(selector !== undefined && { labelSelector: selector }),
      ...(token !== undefined && { _continue: token }),
    };
    const page = await call(
      options,
      (callOptions): Promise<unknown> =>
        namespace === undefined
          ? cluster.customObjects.listClusterCustomObject(parameters, callOptions)
          : cluster.customObjects.listNamespacedCustomObject({ ...parameters, namespace }, callOptions),
    ).then(
      (answer) => pageSchema.safeParse(answer).data ?? failed({ verb: 'list', namespace }, 'the answer is no list'),
      (error: unknown) => refusalOfError({ verb: 'list', namespace }, error),
    );
    if ('kind' in page) return yield { is: 'refused', refusal: page };
    yield { is: 'page', items: page.items ?? [] };
    // Of the first page: whatever a server says of the later ones, a watch from here on misses nothing.
    resourceVersion ??= page.metadata.resourceVersion;
    token = page.metadata.continue || undefined;
  } while (token !== undefined);
  yield { is: 'listed', resourceVersion };
}
