import { useEffect, useState } from 'preact/hooks';
import { serverNow } from './live';

const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** The time of the server, drawn again each second: one timer for all. */
export function useNow(): Date {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const tick = () => setNow(serverNow());
    listeners.add(tick);
    ticking ??= setInterval(() => {
      for (const listener of listeners) listener();
    }, 1_000);
    return () => {
      listeners.delete(tick);
      if (listeners.size > 0) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, []);
  return now;
}
