import type { Forges, ForgesOptions } from './forges.js';

/** Loads the clients of the forges when the first of them is asked for: they take a quarter of the start of a promoter. */
export function forgesWhenNeeded(options: ForgesOptions): Forges {
  let loading: Promise<Forges> | undefined;
  const load = () => {
    loading ??= import('./forges.js').then(({ openForges }) => openForges(options));
    return loading;
  };
  return {
    forgeOf: async (address, provider) => (await load()).forgeOf(address, provider),
    close: async () => (await loading)?.close(),
  };
}
