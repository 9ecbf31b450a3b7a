import { sanitizeLine } from '@k8sta/text';
import type { DraftTrack, Naming } from './draft.js';
import type { Fault } from './fault.js';
import { namedTracks } from './links.js';

/** A step on the ride of an image, as text: it enters a Station, or it has arrived there. */
type Step = `${'enter' | 'arrive'} ${string}`;

/** A step that must come first. */
interface Need {
  readonly step: Step;
  /** In words, as far as a person must know: that a Ticket arrives where it has entered goes without saying. */
  readonly from: string;
  readonly words?: string;
  readonly to: string;
  /** The name in a file that demands it; absent if the order of the Stations does. */
  readonly demandedBy?: Naming;
}

/**
 * Finds circles over junctions and `after` in which every Ticket would wait for another one. An image enters a Station after
 * it has arrived at the one before and at those of `after`. It enters the first Station of a junction's target after it has
 * entered the junction, and has arrived at the junction when it has arrived at the ends of all targets.
 */
export function findDeadlocks(tracks: readonly DraftTrack[]): Fault[] {
  const needs = needsOf(namedTracks(tracks));
  const stuck = neverPossible(needs);
  const visited = new Set<Step>();
  return [...stuck].flatMap((start) => {
    const path = new Map<Step, Need>();
    let step = start;
    while (!visited.has(step)) {
      visited.add(step);
      const need = needs.get(step)?.find((each) => stuck.has(each.step));
      if (!need) return [];
      path.set(step, need);
      step = need.step;
    }
    // A walk that ends at an earlier walk's step leads to a circle that has been reported.
    return path.has(step) ? deadlock([...path].slice([...path.keys()].indexOf(step)).map(([, need]) => need)) : [];
  });
}

function needsOf(tracks: ReadonlyMap<string, DraftTrack>): Map<Step, Need[]> {
  const needs = new Map<Step, Need[]>();
  for (const [track, { stations }] of tracks) {
    let before: string | undefined;
    for (const station of stations) {
      const here = `${track}/${station.names[0]?.name}`;
      needs.set(`enter ${here}`, [
        ...(before === undefined ? [] : [need('arrive', here, 'comes after', before)]),
        ...station.after.map((stop) => need('arrive', here, 'waits for', stop.name, stop)),
      ]);
      needs.set(`arrive ${here}`, [
        { step: `enter ${here}`, from: here, to: here },
        ...station.tracks.flatMap((target) => {
          const last = endsOf(tracks.get(target.name))?.last;
          return last ? [need('arrive', here, 'ends with', last, target)] : [];
        }),
      ]);
      before = here;
    }
  }
  for (const [track, { stations }] of tracks) {
    for (const { names, tracks: targets } of stations) {
      for (const target of targets) {
        const first = endsOf(tracks.get(target.name))?.first;
        if (first)
          needs.get(`enter ${first}`)?.push(need('enter', first, 'is opened by', `${track}/${names[0]?.name}`, target));
      }
    }
  }
  return needs;
}

function need(is: 'enter' | 'arrive', from: string, words: string, to: string, demandedBy?: Naming): Need {
  return { step: `${is} ${to}`, from, words, to, ...(demandedBy && { demandedBy }) };
}

function endsOf(track: DraftTrack | undefined): { first: string; last: string } | undefined {
  const [first, last] = [track?.stations[0], track?.stations.at(-1)];
  const name = track?.names[0]?.name;
  return first && last && { first: `${name}/${first.names[0]?.name}`, last: `${name}/${last.names[0]?.name}` };
}

/** The steps that are left when every step is taken whose needs have been met. */
function neverPossible(needs: ReadonlyMap<Step, readonly Need[]>): Set<Step> {
  const open = new Map([...needs].map(([step, its]) => [step, its.filter((each) => needs.has(each.step)).length]));
  const waiting = new Map<Step, Step[]>([...needs.keys()].map((step) => [step, []]));
  for (const [step, its] of needs) for (const each of its) waiting.get(each.step)?.push(step);
  const possible = [...open].filter(([, count]) => count === 0).map(([step]) => step);
  // The list grows while it is walked.
  for (const step of possible) {
    for (const each of waiting.get(step) ?? []) {
      const left = (open.get(each) ?? 0) - 1;
      open.set(each, left);
      if (left === 0) possible.push(each);
    }
  }
  return new Set([...needs.keys()].filter((step) => open.get(step) !== 0));
}

function deadlock(circle: readonly Need[]): Fault[] {
  // Of the names that make the circle, an `after` is the likelier mistake.
  const waits = circle.findIndex(({ words }) => words === 'waits for');
  const start = waits >= 0 ? waits : circle.findIndex(({ demandedBy }) => demandedBy);
  const place = circle[start]?.demandedBy;
  if (!place) return [];
  const told = [...circle.slice(start), ...circle.slice(0, start)].filter(({ words }) => words);
  const lines: { from: string; words: string | undefined; to: string }[] = [];
  for (const { from, words, to } of told) {
    const last = lines.at(-1);
    // Between the ends of a row of Stations nothing happens that a person must know.
    if (last && last.words === 'comes after' && words === 'comes after') last.to = to;
    else lines.push({ from, words, to });
  }
  const message = `no Ticket could ever pass: ${lines.map(({ from, words, to }) => `${from} ${words} ${to}`).join(', ')}`;
  return [place.source.faultAt(place.path, sanitizeLine(message, 1_000))];
}
