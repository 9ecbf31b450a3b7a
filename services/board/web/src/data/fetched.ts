import { useEffect, useState } from 'preact/hooks';

export interface Fetched<T> {
  readonly value?: T;
  /** Why there is no value, in words for a person. */
  readonly fault?: string;
}

/** The JSON at this address, asked for again when the address or `version` changes; the last value stays until then. */
export function useFetched<T>(address: string | undefined, version?: unknown): Fetched<T> {
  const [fetched, setFetched] = useState<Fetched<T> & { address?: string | undefined }>({});
  // The version only says when to ask again.
  useEffect(() => {
    if (address === undefined) return;
    const ending = new AbortController();
    ask<T>(address, ending.signal).then(
      (value) => setFetched({ address, value }),
      (error: Error) => {
        if (!ending.signal.aborted)
          setFetched((last) => ({ ...(last.address === address && last), address, fault: error.message }));
      },
    );
    return () => ending.abort();
  }, [address, version]);
  return fetched.address === address ? fetched : {};
}

async function ask<T>(address: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(address, { signal }).catch((error: Error) => {
    throw signal.aborted ? error : new Error('The board does not answer.');
  });
  if (response.ok) return response.json();
  const { message } = await response.json().catch(() => ({}));
  throw new Error(message ?? `The board answers ${response.status}.`);
}
