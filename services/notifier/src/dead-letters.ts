import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, type Log, logOnce } from '@k8sta/bus';
import type { Dispatch } from './handle.js';

/** A loop that can be stopped. */
export interface Watch {
  stop(): Promise<void>;
}

export interface WatchOptions {
  readonly everyMs: number;
  /** Older ones are left alone, such as those from before a rule selected them. */
  readonly giveUpMs: number;
  readonly log: Log;
}

/**
 * Looks for the newest dead letter of each service and reason. The notifier has no durable for them: it publishes dead letters
 * itself, and a durable on what it publishes could deliver it to any subject.
 */
export function watchDeadLetters(bus: Bus, dispatch: Dispatch, { everyMs, giveUpMs, log }: WatchOptions): Watch {
  const stopping = new AbortController();
  const once = logOnce(log);
  const round = async () => {
    for (const tokens of await bus.stored('dead.letter', {})) {
      const newest = await bus.last('dead.letter', tokens);
      // What cannot be sent now is tried again in the next round.
      if (newest && Date.now() - newest.time.getTime() < giveUpMs) await dispatch(newest, 1);
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await round().then(
        () => once.recovered({}, 'reading dead letters again'),
        (err: Error) => once.failed(err.message, { err }, 'cannot read dead letters, retrying'),
      );
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
