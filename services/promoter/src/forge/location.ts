import { type ForgeProvider, hasRelativeSegment } from '@k8sta/contracts';
import type { ForgeRepository } from '../credentials/access.js';
import { type Address, decodePercent } from '../credentials/address.js';

/** What is known of a kind of forge without asking it. */
export interface ForgePlaces {
  /** For messages. */
  readonly name: string;
  /** Whether this host is certainly such a forge. */
  readonly isAt: (host: string) => boolean;
  /** The base URL of the API of a host, which may have a port. */
  readonly apiAt: (scheme: 'http' | 'https', host: string) => string;
  /** Whether a repository may be in a group of a group. */
  readonly hasSubgroups: boolean;
}

/** Where the API of a repository's forge is, and the repository's path in it. */
export interface Location {
  readonly provider: ForgeProvider;
  readonly api: string;
  /** Such as `acme/config`. */
  readonly path: string;
}

/** Where to ask about this repository; a sentence if it cannot be known. `wished` is the provider of the tracks file. */
export function locate(
  { url, address, setting, app }: ForgeRepository,
  wished: ForgeProvider | undefined,
  places: Readonly<Record<ForgeProvider, ForgePlaces>>,
): Location | string {
  const host = hostOf(address);
  const all = Object.keys(places) as ForgeProvider[];
  const provider =
    wished ?? setting.provider ?? (app ? 'github' : undefined) ?? all.find((each) => places[each].isAt(host.name));
  if (!provider) {
    return `${url}: it is not known whether ${host.name} is ${all.join(', ')}: set \`forge\` in its Secret, or \`provider\` in the tracks file`;
  }
  const place = places[provider];
  const scheme = address.scheme === 'http' ? 'http' : 'https';
  const api = setting.api ?? app?.api ?? place.apiAt(scheme, host.withPort);
  const path = pathIn(url, api);
  const segments = path.split('/');
  const isTooDeep = segments.length > 2 && !place.hasSubgroups;
  // The API would resolve a relative path to another call.
  if (segments.length < 2 || isTooDeep || hasRelativeSegment(segments)) {
    return `${url} is not the address of a repository of ${place.name}: ${path || 'its path'} must be an owner and a repository`;
  }
  return { provider, api, path };
}

/** The hosts of ssh over the port of https, where 22 is closed. */
const sshHosts: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
};

function hostOf({ scheme, host, port }: Address): { readonly name: string; readonly withPort: string } {
  const name = sshHosts[host] ?? host;
  const bracketed = name.includes(':') ? `[${name}]` : name;
  // The port of ssh says nothing about that of the API.
  const isUsual = scheme === 'ssh' || port === (scheme === 'https' ? 443 : 80);
  return { name, withPort: isUsual ? bracketed : `${bracketed}:${port}` };
}

/** The path of the repository as it is spelled, without the path below which the whole forge is served. */
function pathIn(url: string, api: string): string {
  const isUrl = url.includes('://');
  const spelled = isUrl ? new URL(url).pathname : url.slice(url.indexOf(':') + 1);
  const segments = segmentsOf(spelled.replace(/\.git\/?$/, ''));
  const root = segmentsOf(new URL(api).pathname.replace(/\/api\/v\d+$/, ''));
  const isBelow = /^https?:/i.test(url) && root.every((each, index) => segments[index] === each);
  return (isBelow ? segments.slice(root.length) : segments).join('/');
}

const segmentsOf = (path: string) =>
  path
    .split('/')
    .filter((each) => each !== '')
    .map(decodePercent);
