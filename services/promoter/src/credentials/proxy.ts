import { BlockList, isIP } from 'node:net';
import { type Address, decodePercent } from './address.js';
import type { ProxySetting } from './credential.js';

/** The proxy for this address; undefined if it is one of the exceptions, which are spelled as in NO_PROXY. */
export function proxyFor(
  proxy: ProxySetting | undefined,
  { host, port }: Pick<Address, 'host' | 'port'>,
): string | undefined {
  return proxy && !proxy.except.some((each) => isException(each.toLowerCase(), host, port)) ? proxy.url : undefined;
}

/** The password of a proxy, as its address spells it and as it is sent. */
export function passwordsOf(proxy: string | undefined): string[] {
  const { username = '', password = '' } = (proxy === undefined ? undefined : URL.parse(proxy)) ?? {};
  if (password === '') return [];
  return [password, ...sentAs(decodePercent(username), decodePercent(password))];
}

/** A password, in plain text and as the header `Authorization` spells it. */
export function sentAs(username: string, password: string): string[] {
  return [password, Buffer.from(`${username}:${password}`).toString('base64')];
}

function isException(spelled: string, host: string, port: number): boolean {
  if (spelled === '*') return true;
  const network = /^(?<ip>[^/]+)\/(?<bits>\d+)$/.exec(spelled)?.groups;
  if (network) return isInNetwork(network['ip'] ?? '', Number(network['bits']), host);
  const withPort = isIP(spelled) === 6 ? null : /^(.+):(\d+)$/.exec(spelled);
  if (withPort && Number(withPort[2]) !== port) return false;
  const name = withPort?.[1] ?? spelled;
  // `example.com` also stands for the names below it, `.example.com` and `*.example.com` only for these.
  const suffix = name.replace(/^\*?\./, '');
  return (name === suffix && host === name) || host.endsWith(`.${suffix}`);
}

function isInNetwork(ip: string, bits: number, host: string): boolean {
  const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(ip) === 0 || isIP(ip) !== isIP(host) || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(ip, bits, family);
  return list.check(host, family);
}
