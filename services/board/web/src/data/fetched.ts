import { useEffect, useRef, useState } from 'preact/hooks';
import { type Fetched, startAsking } from './asking';

/** The JSON at this address, asked for again when the address or `version` changes; the last value stays until then. */
export function useFetched<T>(address: string | undefined, version?: unknown): Fetched<T> {
  const [fetched, setFetched] = useState<Fetched<T> & { address?: string | undefined }>({});
  const look = useRef(() => {});
  useEffect(() => {
    if (address === undefined) return;
    const asking = startAsking<T>(address, (next) => setFetched({ address, ...next }));
    look.current = asking.look;
    return () => {
      asking.end();
      look.current = () => {};
    };
  }, [address]);
  // The version only says when to ask again.
  useEffect(() => look.current(), [address, version]);
  return fetched.address === address ? fetched : {};
}
