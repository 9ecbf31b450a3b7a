/** Where objects of one kind are read from: one namespace of a cluster, or all of them. */
export interface ObjectSource {
  /** Undefined: all of them. */
  readonly namespace: string | undefined;
  /** Begins a list of everything there is now. */
  list(signal: AbortSignal): AsyncIterable<ListStep>;
  /** Watches what happens after a resourceVersion. It ends without a word when the server ends it as it was asked to. */
  watch(resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchStep>;
  /** After how long the server is asked to end a watch, in milliseconds. */
  readonly watchMs: number;
}

export type ListStep =
  | { readonly is: 'items'; readonly items: readonly unknown[] }
  /** All were given; they show the state at this resourceVersion. */
  | { readonly is: 'listed'; readonly resourceVersion: string }
  | { readonly is: 'refused'; readonly refusal: Refusal };

export type WatchStep =
  /** The server has accepted the watch. */
  | { readonly is: 'open' }
  | { readonly is: 'event'; readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: unknown }
  /** Everything up to this resourceVersion has been said. */
  | { readonly is: 'bookmark'; readonly resourceVersion: string }
  | { readonly is: 'refused'; readonly refusal: Refusal };

/** Why the Kubernetes API did not do what it was asked to. */
export type RefusalKind =
  /** 410: the resourceVersion or the continue token is too old. */
  | 'expired'
  /** 401: the credentials are not, or no longer, good. */
  | 'unauthorized'
  /** 403: a grant is missing. */
  | 'forbidden'
  /** 404: no such object, or Argo CD is not installed. */
  | 'absent'
  /** 400 and its kin: the request itself is wrong, and will be so the next time. */
  | 'rejected'
  /** Everything that passes: 429, 5xx, a broken connection, silence. */
  | 'failed';

/** A refusal, with words that a person can act on. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly words: string;
  /** How long the server asked us to wait. */
  readonly retryAfterMs?: number;
}
