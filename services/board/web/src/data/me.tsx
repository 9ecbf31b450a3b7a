import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { useFetched } from './fetched';

/** Who looks, and what they may do; `may` counts on the Track that was asked about. */
export interface Me {
  readonly signIn?: 'oidc' | 'proxy';
  readonly isClosed: boolean;
  readonly name?: string;
  readonly may: readonly string[];
  readonly mayEverywhere: readonly string[];
}

const nobody: Me = { isClosed: false, may: [], mayEverywhere: [] };
const MeContext = createContext<Me>(nobody);

export function MeProvider({ children }: { children: ComponentChildren }) {
  const { value = nobody } = useFetched<Me>('/api/me');
  return <MeContext.Provider value={value}>{children}</MeContext.Provider>;
}

export function useMe(): Me {
  return useContext(MeContext);
}

/** What the person may do on this Track. */
export function useMay(track: string): readonly string[] {
  const me = useMe();
  const { value } = useFetched<Me>(me.name === undefined ? undefined : `/api/me?track=${encodeURIComponent(track)}`);
  return value?.may ?? [];
}
