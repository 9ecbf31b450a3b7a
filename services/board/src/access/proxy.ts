import type { BlockList } from 'node:net';
import { isIP, isIPv6 } from 'node:net';
import type { Access } from './access.js';
import { personOf } from './person.js';

export interface ProxyOptions {
  /** The addresses of the proxy. */
  readonly blocks: BlockList;
  readonly userHeader: string;
  readonly groupsHeader: string;
}

/** Believes what an authenticating proxy says in headers, if the connection comes from one of its addresses. */
export function proxyAccess({ blocks, userHeader, groupsHeader }: ProxyOptions): Access {
  return {
    signIn: 'proxy',
    async person({ req }) {
      // An IPv4 address on a socket for both.
      const address = (req.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
      // There is none once the connection is closed.
      if (!isIP(address) || !blocks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return undefined;
      const user = only(req.rawHeaders, userHeader);
      const groups = only(req.rawHeaders, groupsHeader) ?? '';
      return personOf(
        user,
        groups
          .split(',')
          .map((group) => group.trim())
          .filter((group) => group !== ''),
      );
    },
  };
}

/** The value of a header that is there once. A second one may be what a client sent to a proxy that only adds its own. */
function only(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter(
    (_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name.toLowerCase(),
  );
  return values.length === 1 ? values[0] : undefined;
}
