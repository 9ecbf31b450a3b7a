import type { ServiceName } from '@k8sta/sandbox';
import type { Draw } from '../draw.js';

export type Replica = `${ServiceName}/${0 | 1}`;
export type Victim = Replica | 'nats-server' | 'redis-server';

/**
 * Something that breaks. It is mended after so many events, or when nothing has happened for a while; a killed server starts
 * again at once, because without it there are no events.
 */
export type Blow =
  /** SIGKILL. */
  | { readonly kind: 'kill'; readonly victims: readonly Victim[]; readonly forEvents: number }
  /** The Git server does not serve one repository, or any: it answers 503 or 403, hangs, or closes connections. */
  | {
      readonly kind: 'git';
      readonly how: 'refuse' | 'forbid' | 'hang' | 'drop' | 'loseAnswer';
      readonly repository?: string;
      readonly forEvents: number;
    }
  /** The API server of Argo CD's cluster closes connections, answers 429, or forgets its history so that watches get 410. */
  | { readonly kind: 'api'; readonly how: 'down' | 'gone' | 'busy'; readonly forEvents: number }
  /** The API of the forge closes connections, answers 502, limits requests, or does the work and loses the answer. */
  | {
      readonly kind: 'forge';
      readonly how: 'down' | 'error' | 'limit' | 'loseAnswer';
      readonly forEvents: number;
    }
  /** The clocks of these replicas are wrong. */
  | {
      readonly kind: 'clock';
      readonly replicas: readonly Replica[];
      readonly byMs: number;
      readonly forEvents: number;
    };

export const services = ['ingest', 'tracker', 'promoter', 'argo-watcher'] as const;

export const replicas: readonly Replica[] = services.flatMap((name) => [`${name}/0`, `${name}/1`] as const);

export function drawKill(draw: Draw): Blow {
  const forEvents = draw.whole(0, 30);
  if (draw.oneIn(4)) {
    return { kind: 'kill', victims: [draw.from(['nats-server', 'redis-server'])], forEvents };
  }
  const service = draw.from(services);
  const one: Victim = `${service}/${draw.oneIn(2) ? 0 : 1}`;
  // Sometimes no replica is left.
  const victims: readonly Victim[] = draw.oneIn(5) ? [`${service}/0`, `${service}/1`] : [one];
  return { kind: 'kill', victims, forEvents };
}

export function drawOutage(draw: Draw, repositories: readonly [string, ...string[]]): Blow {
  const forEvents = draw.whole(3, 40);
  if (draw.oneIn(4)) return drawJump(draw, forEvents);
  if (draw.oneIn(3)) return { kind: 'api', how: draw.from(['down', 'gone', 'busy']), forEvents };
  if (draw.oneIn(3)) return { kind: 'forge', how: draw.from(['down', 'error', 'limit', 'loseAnswer']), forEvents };
  const how = draw.from(['refuse', 'forbid', 'hang', 'drop', 'loseAnswer']);
  return { kind: 'git', how, ...(draw.oneIn(2) && { repository: draw.from(repositories) }), forEvents };
}

/** One replica, or all of them: that is the clock of a node. */
function drawJump(draw: Draw, forEvents: number): Blow {
  const wrong = draw.oneIn(3) ? replicas : [draw.from(replicas as [Replica, ...Replica[]])];
  return { kind: 'clock', replicas: wrong, byMs: draw.from([-90_000, -30_000, 15_000, 45_000, 90_000]), forEvents };
}

/** How many processes it kills. */
export function killsOf(blow: Blow): number {
  return blow.kind === 'kill' ? blow.victims.length : 0;
}
