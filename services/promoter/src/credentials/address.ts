/** The parts of a repository's address, or of a prefix of one, that decide which credential it gets. */
export interface Address {
  readonly scheme: 'https' | 'http' | 'ssh';
  /** In lower case. */
  readonly host: string;
  readonly port: number;
  /** The user name of an ssh address. */
  readonly user: string | undefined;
  /** The path, in lower case and without a final `.git`. */
  readonly segments: readonly string[];
}

const defaultPorts = { https: 443, http: 80, ssh: 22 } as const;

/** `user@host:path`, the spelling of scp. */
const scpLike = /^(?:([^@/:\s]+)@)?([^@:/\s]+):(?!\/\/)(\S*)$/;

/** Reads an address with http://, https:// or ssh://, or one that is spelled as for scp; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const scp = scpLike.exec(text);
  if (scp && !text.includes('://')) {
    const [, user, host = '', path = ''] = scp;
    return { scheme: 'ssh', host: host.toLowerCase(), port: 22, user, segments: segmentsOf(path) };
  }
  const url = URL.parse(text);
  const scheme = url?.protocol.slice(0, -1);
  if (!url?.hostname || (scheme !== 'https' && scheme !== 'http' && scheme !== 'ssh')) return undefined;
  return {
    scheme,
    host: url.hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || defaultPorts[scheme]),
    user: scheme === 'ssh' && url.username !== '' ? decodePercent(url.username) : undefined,
    segments: segmentsOf(url.pathname),
  };
}

/** The text without its percent-encoding, or as it is if that is broken, as in `100%`. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether this prefix covers the address: the same scheme, host and port, and whole segments of the path. */
export function covers(prefix: Address, address: Address): boolean {
  if (prefix.scheme !== address.scheme || prefix.host !== address.host || prefix.port !== address.port) return false;
  if (prefix.user !== undefined && address.user !== undefined && prefix.user !== address.user) return false;
  return prefix.segments.every((segment, index) => address.segments[index] === segment);
}

/** The address with a user name, as libgit2 needs it for ssh. */
export function withUser(text: string, user: string): string {
  if (text.includes('://')) return text.replace(/^(ssh:\/\/)(?:[^/]*@)?/i, `$1${encodeURIComponent(user)}@`);
  return `${user}@${text.replace(/^[^@/:]*@/, '')}`;
}

function segmentsOf(path: string): string[] {
  return path
    .toLowerCase()
    .replace(/\.git\/?$/, '')
    .split('/')
    .filter((segment) => segment !== '');
}
