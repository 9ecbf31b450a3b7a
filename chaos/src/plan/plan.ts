import type { ForgeProvider } from '@k8sta/contracts';
import type { ServiceName } from '@k8sta/sandbox';
import { Draw } from '../draw.js';
import { type Blow, drawKill, drawOutage, killsOf, services } from './blow.js';
import { type PlannedTrack, planTracks } from './track.js';

export interface PlanOptions {
  readonly seed: number;
  readonly tickets: number;
  readonly kills: number;
  readonly tracks: number;
}

/** A push to announce. The order of a Track's pushes is that of `number`. */
export interface Push {
  readonly track: string;
  readonly tag: string;
  readonly number: number;
}

/** `afterEvents`: how many events of Tickets and promotions come between the step before and this one. */
export type Step = { readonly afterEvents: number } & (
  | { readonly do: 'push'; readonly pushes: readonly Push[] }
  | { readonly do: 'blow'; readonly blow: Blow }
  | { readonly do: 'rival'; readonly repository: string }
);

/** All that happens to a railway, and in which order. */
export interface Plan extends PlanOptions {
  /** The forge that has the repositories. */
  readonly forge: ForgeProvider;
  /** The service of which an older version runs, if there is one. */
  readonly behind: ServiceName;
  readonly lines: readonly PlannedTrack[];
  readonly steps: readonly Step[];
}

export function planRun(options: PlanOptions): Plan {
  const draw = new Draw(options.seed);
  const forge = draw.from(['github', 'gitlab', 'gitea']);
  const behind = draw.from(services);
  const lines = planTracks(draw, options.tracks);
  const repositories = [...new Set(lines.map(({ hosted }) => hosted.repository))] as [string, ...string[]];
  const steps: Step[] = planPushes(draw, options);
  const amid = (step: Step) => steps.splice(draw.whole(1, steps.length), 0, step);
  for (let kills = 0; kills < options.kills; ) {
    const drawn = drawKill(draw);
    const blow = kills + killsOf(drawn) > options.kills && drawn.kind === 'kill' ? single(drawn) : drawn;
    kills += killsOf(blow);
    amid({ afterEvents: draw.whole(0, 15), do: 'blow', blow });
    if (draw.oneIn(3)) amid({ afterEvents: draw.whole(0, 15), do: 'blow', blow: drawOutage(draw, repositories) });
  }
  for (let rivals = 0; rivals < Math.ceil(options.tickets / 5); rivals += 1) {
    amid({ afterEvents: draw.whole(0, 5), do: 'rival', repository: draw.from(repositories) });
  }
  return { ...options, forge, behind, lines, steps };
}

function single(blow: Extract<Blow, { kind: 'kill' }>): Blow {
  return { ...blow, victims: blow.victims.slice(0, 1) };
}

/** Bursts and single pushes; some announce an earlier push again. */
function planPushes(draw: Draw, { tickets, tracks }: PlanOptions): Step[] {
  const made = new Map<string, Push[]>();
  const next = (): Push => {
    const track = `web-${draw.whole(0, tracks - 1)}`;
    const earlier = made.get(track) ?? [];
    const push = { track, tag: `1.${earlier.length + 1}.0`, number: earlier.length };
    made.set(track, [...earlier, push]);
    return push;
  };
  const steps: Step[] = [];
  for (let planned = 0; planned < tickets; ) {
    const size = Math.min(draw.oneIn(3) ? draw.whole(2, 9) : 1, tickets - planned);
    const pushes = Array.from({ length: size }, next);
    const again = draw.oneIn(4) ? made.get(pushes[0]?.track ?? '') : undefined;
    if (again) pushes.push(draw.from(again as [Push, ...Push[]]));
    planned += size;
    steps.push({ afterEvents: draw.whole(0, 12) * size, do: 'push', pushes });
  }
  return steps;
}
