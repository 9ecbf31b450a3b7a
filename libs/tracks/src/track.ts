import type { TagRule } from './tag-rule.js';

/** An ordered list of Stations and the images it subscribes to, as read from a tracks file. */
export interface Track {
  /** A DNS label, unique among all files. */
  readonly name: string;
  /** At least one; each repository once. */
  readonly images: readonly Subscription[];
  /** What "newer" means in a lane: the order in which the images were pushed. */
  readonly order: 'push';
  /** At least one, in their order. */
  readonly stations: readonly Station[];
}

/** A normalised image repository and the rule for its tags. */
export interface Subscription {
  readonly repository: string;
  /** Normalised repositories that stand in for it in some environments, such as mirrors; absent without any. */
  readonly aliases?: readonly string[];
  readonly tags: TagRule;
}

/** Argo CD Applications that together are one environment. */
export interface Station {
  /** A DNS label, unique in the Track. */
  readonly name: string;
  /** How long arrival may take, in milliseconds from the commit. */
  readonly deadlineMs: number;
  readonly onFailure: 'stop';
  /** By name; empty if `matchLabels` selects them. No Application is in two Stations of a Track. */
  readonly applications: readonly { readonly namespace: string; readonly name: string }[];
  /** Selects the Applications that have all of these labels, instead of by name. Holds at least one label. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Where the tag is, if K8sTA cannot find it: a file of the repository, and the path to a value in it. */
  readonly edit?: { readonly file: string; readonly key: string };
}

/** Whether the Station selects an Application with these labels. A Station that names its Applications selects none. */
export function selects({ matchLabels }: Station, labels: Readonly<Record<string, string>> = {}): boolean {
  return matchLabels !== undefined && Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}
