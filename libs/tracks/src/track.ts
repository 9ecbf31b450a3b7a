import type { WriteWish } from '@k8sta/contracts';
import type { TagRule } from './tag-rule.js';

/** An ordered list of Stations and the images it subscribes to, as read from a tracks file. */
export interface Track {
  /** A DNS label, unique among all files. */
  readonly name: string;
  /** Each repository once; empty if only junctions open Tickets on this Track. */
  readonly images: readonly Subscription[];
  /** The images that junctions of other Tracks bring; absent without any. The Track does not subscribe to them. */
  readonly brought?: readonly Subscription[];
  /** Which of two images of a lane is newer: the one with the higher version, or the one that was pushed later. */
  readonly order: 'semver' | 'push';
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

/** Argo CD Applications that together are one environment, or a junction: a stop that opens Tickets on other Tracks. */
export interface Station {
  /** A DNS label, unique in the Track. */
  readonly name: string;
  /** How long arrival may take, in milliseconds from the commit. A junction has none of its own: its Tracks have. */
  readonly deadlineMs: number;
  /** How long nothing may change before the Ticket is in trouble, in milliseconds; absent: the tracker's default. */
  readonly patienceMs?: number;
  /** What the tracker does when the Station fails: keep the commit, or commit what ran there before. */
  readonly onFailure: 'stop' | 'rollback';
  /** What the next Ticket does where a person took the Station back after an arrival: wait for `resume`, or enter. */
  readonly afterRevert: 'hold' | 'goOn';
  /** How long the Ticket stays after its arrival, in milliseconds; 0 without a soak time. */
  readonly soakMs: number;
  readonly gates: Gates;
  /** By name; empty if `matchLabels` selects them or `tracks` makes it a junction. No Application is in two Stations of a Track. */
  readonly applications: readonly { readonly namespace: string; readonly name: string }[];
  /** Selects the Applications that have all of these labels, instead of by name. Holds at least one label. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Where the tag is, if K8sTA cannot find it: a file of the repository, and the path to a value in it. */
  readonly edit?: { readonly file: string; readonly key: string };
  /** How its commits are written, its own keys before those of the Track; absent: by plain commits. */
  readonly write?: WriteWish;
  /** The Tracks on which a Ticket that reaches this junction opens one Ticket each; empty if it is not a junction. */
  readonly tracks: readonly string[];
}

/** What must hold before a Ticket enters a Station. All of them must be open. */
export interface Gates {
  /**
   * How many different people must approve the Ticket; `by` names the actors that may, absent: every actor. `byMerge`: the
   * merge of the pull request is the approval, so that the gate is open.
   */
  readonly approval?: { readonly count: number; readonly by?: readonly string[]; readonly byMerge?: boolean };
  /** As the sync windows of Argo CD: an open `deny` closes the gate; if there is an `allow`, one of them must be open. */
  readonly windows: readonly Window[];
  /** The repository and tag must have arrived at each of these Stations. */
  readonly after: readonly { readonly track: string; readonly station: string }[];
  /** Names that somebody outside must report as passed, at most `timeoutMs` after the Ticket arrived at `of`. */
  readonly checks: readonly { readonly name: string; readonly of: string; readonly timeoutMs: number }[];
}

/** Opens at each run of `schedule`, a cron expression of five fields, for `durationMs`. */
export interface Window {
  readonly kind: 'allow' | 'deny';
  readonly schedule: string;
  readonly durationMs: number;
  /** An IANA time zone. */
  readonly timeZone: string;
}

/** The gates of a Station that states none. */
export const noGates: Gates = { windows: [], after: [], checks: [] };

/** All images that ride the Track: those that it subscribes to, and those that junctions bring. */
export function imagesOf({ images, brought = [] }: Pick<Track, 'images' | 'brought'>): readonly Subscription[] {
  return [...images, ...brought];
}

/** Whether the Station opens Tickets on other Tracks instead of promoting into Applications. */
export function isJunction({ tracks }: Pick<Station, 'tracks'>): boolean {
  return tracks.length > 0;
}

/** Whether the Station selects an Application with these labels. A Station that names its Applications selects none. */
export function selects({ matchLabels }: Station, labels: Readonly<Record<string, string>> = {}): boolean {
  return matchLabels !== undefined && Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}
