export interface Fetched<T> {
  readonly value?: T;
  /** Why there is no value, or why it may be old, in words for a person. */
  readonly fault?: string;
}

/** How long to wait after a fault: the board may be restarting. */
const againMs = 5_000;

/**
 * Asks for the JSON at an address whenever `look` is called, and again after a fault, which keeps the last value. One request
 * at a time: a change during it causes one more after it, so that a busy board does not keep a page from every answer.
 */
export function startAsking<T>(address: string, take: (fetched: Fetched<T>) => void) {
  const ending = new AbortController();
  let isAsking = false;
  let isOld = false;
  let last: Fetched<T> = {};
  let again: ReturnType<typeof setTimeout> | undefined;
  const look = async (): Promise<void> => {
    isOld = isAsking;
    if (isAsking) return;
    isAsking = true;
    clearTimeout(again);
    const answer = await ask<T>(address, ending.signal);
    isAsking = false;
    if (ending.signal.aborted) return;
    last = 'fault' in answer ? { ...last, ...answer } : answer;
    take(last);
    if (isOld) void look();
    else if ('fault' in answer) again = setTimeout(look, againMs);
  };
  return {
    look: () => void look(),
    end() {
      ending.abort();
      clearTimeout(again);
    },
  };
}

async function ask<T>(address: string, signal: AbortSignal): Promise<Fetched<T>> {
  try {
    const response = await fetch(address, { signal });
    if (response.ok) return { value: await response.json() };
    const { message } = await response.json().catch(() => ({}));
    return { fault: message ?? `The board answers ${response.status}.` };
  } catch {
    return { fault: 'The board does not answer.' };
  }
}
