import type { Bus, Log } from '@k8sta/bus';
import { trackerPresence } from '@k8sta/contracts';

/** How often each replica says that it is there, in milliseconds. */
export const presentEveryMs = 3_000;
/** After this long without a word, a replica is away, in milliseconds. */
const awayMs = 3 * presentEveryMs;

/** The replicas that have the same tracks files as this one. They announce themselves on the bus; nothing is stored. */
export interface Presence {
  /** The living ones, this one included until it leaves, in a fixed order. The same list until it changes. */
  living(): readonly string[];
  /** Says that this one is there; from the first time on, the others give it its share of the Tracks. */
  announce(): void;
  /** This one asks the replica something now. */
  asking(replica: string): Asking;
  /** Says goodbye to the others. */
  leave(): void;
}

/** What became of a question to a replica. */
export interface Asking {
  answered(): void;
  /** Without a word since the question, the replica is away until it speaks again; with one, it is only slow. */
  missed(): void;
}

export interface PresenceOptions {
  readonly bus: Pick<Bus, 'announce' | 'listen'>;
  readonly self: string;
  /** The fingerprint of the tracks files. */
  readonly files: string;
  readonly log: Pick<Log, 'info'>;
  /** A clock in milliseconds. */
  readonly now: () => number;
}

export function presence({ bus, self, files, log, now }: PresenceOptions): Presence {
  const heardAt = new Map<string, number>();
  let living: readonly string[] = [self];
  let phase: 'starting' | 'here' | 'left' = 'starting';

  const changed = () => {
    const others = [...heardAt.keys()];
    living = (phase === 'left' ? others : [self, ...others]).sort();
    log.info({ replica: self, replicas: living }, 'replicas changed');
  };
  const forget = (replica: string) => {
    if (heardAt.delete(replica)) changed();
  };
  const say = (is: 'here' | 'leaving') => bus.announce(trackerPresence, { replica: self, files, is });

  bus.listen(trackerPresence, (said) => {
    if (said.replica === self) return;
    if (said.is === 'leaving' || said.files !== files) {
      forget(said.replica);
      return;
    }
    const isNew = !heardAt.has(said.replica);
    heardAt.set(said.replica, now());
    if (!isNew) return;
    changed();
    // A replica that has just started need not wait to know us.
    if (phase === 'here') say('here');
  });

  return {
    living() {
      const since = now() - awayMs;
      for (const [replica, at] of heardAt) if (at < since) forget(replica);
      return living;
    },
    announce() {
      if (phase === 'left') return;
      phase = 'here';
      say('here');
    },
    asking(replica) {
      const since = now();
      return {
        answered() {
          if (heardAt.has(replica)) heardAt.set(replica, now());
        },
        missed() {
          if ((heardAt.get(replica) ?? since) <= since) forget(replica);
        },
      };
    },
    leave() {
      phase = 'left';
      if (heardAt.size > 0) changed();
      say('leaving');
    },
  };
}
