import type { Station } from '@k8sta/tracks';

/** What the API needs to know of the gates of a Station. */
export interface StationGates {
  readonly approval?: { readonly count: number; readonly by?: readonly string[] };
  readonly checks: readonly { readonly name: string; readonly of: string }[];
}

/** The gates of the Station; none if its tracks file has no gates. */
export function gatesOf(station: Station): StationGates {
  const { gates } = station as { gates?: Partial<StationGates> };
  return { checks: [], ...gates };
}

/** The Tracks on which a junction opens Tickets; empty for any other Station. */
export function junctionOf(station: Station): readonly string[] {
  return (station as { tracks?: readonly string[] }).tracks ?? [];
}
