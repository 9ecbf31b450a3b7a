import { type Log, logOnce } from '@k8sta/bus';

/** Repeated work. */
export interface Loop {
  /** Waits for the running round and starts no other. */
  stop(): Promise<void>;
}

/** Runs the round, waits `everyMs`, and so on until stopped. A failed round is followed by the next; each error is logged once. */
export function startLoop(what: string, round: () => Promise<unknown>, everyMs: number, logger: Log): Loop {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const log = logOnce(logger);
  const once = async (): Promise<void> => {
    try {
      await round();
      log.recovered({ what }, 'round succeeds again');
    } catch (error) {
      log.failed((error as Error).message, { err: error, what }, 'round failed, retrying');
    }
  };
  const go = async (): Promise<void> => {
    await once();
    if (!stopped) {
      timer = setTimeout(() => {
        underWay = go();
      }, everyMs);
    }
  };
  let underWay = go();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
