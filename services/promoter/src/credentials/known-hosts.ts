import { createHmac } from 'node:crypto';

/** One line of a known_hosts file. Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
interface KnownHost {
  readonly marker: string | undefined;
  readonly hosts: string;
  readonly type: string;
  readonly key: string;
}

/** A public key as known_hosts spells it. */
export interface HostKey {
  readonly type: string;
  readonly key: string;
}

/** The host keys that libssh2 can check. */
const supported = new Set([
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]);

/** The keys by which this host may prove itself, or why there are none. */
export function hostKeysOf(text: string, host: string, port: number): readonly HostKey[] | string {
  // As OpenSSH does: a port other than 22 is part of the name.
  const name = port === 22 ? host : `[${host}]:${port}`;
  const lines = parse(text).filter(({ hosts }) => matches(hosts, name));
  const revoked = new Set(lines.flatMap(({ marker, key }) => (marker === '@revoked' ? [key] : [])));
  const plain = lines.filter(({ marker }) => marker === undefined);
  const usable = plain.filter(({ type, key }) => supported.has(type) && !revoked.has(key));
  if (usable.length > 0) return usable.map(({ type, key }) => ({ type, key }));
  if (plain.length > 0 && plain.every(({ key }) => revoked.has(key))) return `every key of ${name} is @revoked`;
  if (plain.length > 0) {
    const types = [...new Set(plain.map(({ type }) => type))].join(', ');
    return `it has only keys of ${name} that libssh2 cannot check (${types}); add an ed25519, ecdsa or rsa key`;
  }
  if (lines.some(({ marker }) => marker === '@cert-authority')) {
    return `it knows ${name} only by @cert-authority, which is not supported; add the key of the host itself`;
  }
  return `it has no key of ${name}`;
}

function parse(text: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]?.startsWith('#')) return [];
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [hosts, type, key] = words;
    // A line that is not complete names no key. OpenSSH skips it too.
    if (hosts === undefined || type === undefined || key === undefined || !/^[A-Za-z0-9+/]+=*$/.test(key)) return [];
    return [{ marker, hosts, type, key }];
  });
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  const patterns = hosts.split(',');
  if (patterns.some((each) => each.startsWith('!') && matchesPattern(each.slice(1), name))) return false;
  return patterns.some((each) => !each.startsWith('!') && matchesPattern(each, name));
}

/** `|1|salt|hash`: HMAC-SHA1 of the name. */
function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || !salt || !hash) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` and `?` as in a shell. Linear, because nothing follows a `*` but the rest of a short pattern. */
function matchesPattern(pattern: string, name: string): boolean {
  if (pattern.length > 255) return false;
  const text = pattern.toLowerCase();
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < name.length) {
    if (text[at] === '*') [star, mark] = [at++, from];
    else if (text[at] === '?' || text[at] === name[from]) [at, from] = [at + 1, from + 1];
    else if (star >= 0) [at, from] = [star + 1, ++mark];
    else return false;
  }
  while (text[at] === '*') at++;
  return at === text.length;
}
