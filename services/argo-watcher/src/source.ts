/** The objects of one kind, in one namespace of a cluster or in all of them. */
export interface ObjectSource {
  /** Undefined: all of them. */
  readonly namespace: string | undefined;
  /** Lists everything that exists now. */
  list(signal: AbortSignal): AsyncIterable<ListStep>;
  /** Watches what happens after a resourceVersion. It just ends when the server ends it at the requested time. */
  watch(resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchStep>;
  /** After how long the server is asked to end a watch, in milliseconds. */
  readonly watchMs: number;
}

export type ListStep =
  | { readonly is: 'items'; readonly items: readonly unknown[] }
  /** The list is complete; it shows the state at this resourceVersion. */
  | { readonly is: 'listed'; readonly resourceVersion: string }
  | { readonly is: 'refused'; readonly refusal: Refusal };

export type WatchStep =
  /** The server has accepted the watch. */
  | { readonly is: 'open' }
  | { readonly is: 'event'; readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: unknown }
  /** Everything up to this resourceVersion was sent. */
  | { readonly is: 'bookmark'; readonly resourceVersion: string }
  | { readonly is: 'refused'; readonly refusal: Refusal };

/** Why the Kubernetes API refused a request. */
export type RefusalKind =
  /** 410: the resourceVersion or the continue token is too old. */
  | 'expired'
  /** 401: the credentials are not, or no longer, valid. */
  | 'unauthorized'
  /** 403: a permission is missing. */
  | 'forbidden'
  /** 404: the object does not exist, or Argo CD is not installed. */
  | 'absent'
  /** 400 and similar: the request itself is wrong; a retry would change nothing. */
  | 'rejected'
  /** Everything temporary: 429, 5xx, a broken connection, silence. */
  | 'failed';

/** A refusal, with a sentence that a person can act on. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly words: string;
  /** How long the server asked us to wait. */
  readonly retryAfterMs?: number;
}
