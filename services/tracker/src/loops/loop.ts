import type { Log } from '@k8sta/bus';

/** Work that is repeated. */
export interface Loop {
  /** Waits for the round that is running; no other follows it. */
  stop(): Promise<void>;
}

/** Runs the round, waits `everyMs`, and so on until stopped. A failed round is followed by the next; each error is logged once. */
export function startLoop(what: string, round: () => Promise<unknown>, everyMs: number, log: Log): Loop {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let said: string | undefined;
  const once = async (): Promise<void> => {
    try {
      await round();
      if (said !== undefined) log.info({ what }, 'round succeeds again');
      said = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (said !== message) log.warn({ err: error, what }, 'round failed, retrying');
      said = message;
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
