import { sanitizeLine } from '@k8sta/text';

/**
 * One form for the many ways to write the address of a Git repository, to compare and to group, never to connect:
 * `https://User:pw@GitHub.com/Acme/Deploy.git/`, `git@github.com:acme/deploy` and `ssh://git@github.com/acme/deploy.git`
 * all give `github.com/acme/deploy`. A port that is not the scheme's default stays: it names another server.
 *
 * Throws RangeError if the text is not the address of a remote repository.
 */
export function normaliseGitUrl(address: string): string {
  const text = address.trim();
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)([^:\s][^\s]*)$/.exec(text);
  if (scp && !text.includes('://')) return join(scp[1] ?? '', scp[2] ?? '', address);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // In an address that cannot be parsed, the credentials may be anywhere before the last "@".
    const shown = sanitizeLine(text.replace(/^.*@/s, '***@'), 200);
    throw new RangeError(
      `"${shown}" is not the address of a Git repository (https://, http://, ssh:// or user@host:path)`,
    );
  }
  if (!(url.protocol in defaultPorts)) {
    throw new RangeError(
      `"${sanitizeLine(url.protocol, 50)}//" is not a scheme of a remote Git repository (use https, http or ssh)`,
    );
  }
  const port = url.port === '' || url.port === defaultPorts[url.protocol] ? '' : `:${url.port}`;
  return join(`${url.hostname}${port}`, url.pathname, address);
}

/**
 * A repository's address as it may be shown: without user name, password or token. The user name of an ssh address stays,
 * because it is a part of the address and not a secret.
 */
export function withoutCredentials(address: string): string {
  const [, scheme, rest = ''] = /^(\s*[a-z][a-z0-9+.-]*:\/+)(.*)$/is.exec(address) ?? [];
  if (scheme === undefined) return address.replace(/^(\s*[^@/:\s]+):[^@/\s]*@/, '$1@');
  const [host = ''] = rest.split('/', 1);
  // A password with a slash that is not encoded: what precedes the slash is then no host with a port.
  const isCut = !/[@[]/.test(host) && /:(?!\d{1,5}$)/.test(host);
  const end = rest.lastIndexOf('@', isCut ? rest.length : host.length);
  if (end < 0) return address;
  const user = /^\s*ssh:/i.test(scheme) ? `${rest.slice(0, end).split(':', 1)[0]}@` : '';
  return `${scheme}${user}${rest.slice(end + 1)}`;
}

/** The full ref name of a branch written as `main`, `heads/main` or `refs/heads/main`; undefined means the remote's HEAD. */
export function branchRef(targetRevision: string | undefined): string | undefined {
  const branch = (targetRevision ?? '').trim();
  if (branch === '' || branch === 'HEAD') return undefined;
  return `refs/heads/${branch.replace(/^refs\/heads\//, '').replace(/^heads\//, '')}`;
}

const defaultPorts: Record<string, string> = { 'https:': '443', 'http:': '80', 'ssh:': '22' };

/** Whether a path of these segments leads elsewhere than its text says. */
export function hasRelativeSegment(segments: readonly string[]): boolean {
  return segments.some((segment) => segment === '.' || segment === '..');
}

function join(host: string, path: string, address: string): string {
  const clean = path
    .replace(/^\/+/, '')
    // Without the first part, many slashes in the middle of a path take quadratic time.
    .replace(/(?<!\/)\/+$/, '')
    .replace(/\.git$/i, '');
  // A server of ssh may resolve them, and then another repository than the one that is compared gets the commit.
  if (host === '' || clean === '' || hasRelativeSegment(clean.split('/'))) {
    throw new RangeError(
      `"${sanitizeLine(withoutCredentials(address.trim()), 200)}" does not name a repository on a host`,
    );
  }
  return `${host}/${clean}`.toLowerCase();
}
