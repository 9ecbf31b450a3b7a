import { proxyUrl } from './argo-secret.js';
import { passwordsOf } from './proxy.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where libgit2 (`git_remote__http_proxy` in its remote.c) and undici's EnvHttpProxyAgent look for a proxy. */
const variables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/**
 * What is wrong with the proxies that the environment names. libgit2 and undici quote an address that they cannot parse, with its
 * password; no fault repeats a value.
 */
export function environmentProxyFaults(environment: Environment): string[] {
  return variables.flatMap((name) => {
    const address = environment[name];
    if (!address) return [];
    return (proxyUrl.safeParse(address).error?.issues ?? []).map(({ message }) => `${name}: ${message}`);
  });
}

/** The passwords of the proxies that the environment names. */
export function environmentProxyPasswords(environment: Environment): string[] {
  return variables.flatMap((name) => passwordsOf(environment[name]));
}
