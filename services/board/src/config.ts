import { BlockList, isIP } from 'node:net';
import { label } from '@k8sta/contracts';
import {
  ConfigError,
  type ConfigOf,
  commonOptions,
  file,
  integer,
  list,
  type Options,
  oneOf,
  option,
} from '@k8sta/runtime';
import { z } from 'zod';

const hourMs = 3_600_000;

const isLoopback = ({ hostname }: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** An address that a browser or we contact: encrypted, unless it is on this machine. */
const address = z.url({ protocol: /^https?$/, error: 'must begin with https://' }).refine((text) => {
  const url = new URL(text);
  return url.protocol === 'https:' || isLoopback(url);
}, 'must begin with https://; http:// is only for this machine');

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header');

/** `a=b` in a list, by its first part. */
const pairs = (of: string, url: z.ZodType<string>) =>
  list.default([]).transform((items, context) => {
    const entries = items.map((item, at) => {
      const [key = '', value = ''] = [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)];
      if (!item.includes('=') || !url.safeParse(value).success)
        context.addIssue({ code: 'custom', message: `item ${at + 1} must be <${of}>=<URL>` });
      return [key, value] as const;
    });
    return new Map(entries);
  });

/** IP addresses and networks, as a list that can be asked. */
const networks = list.default([]).transform((items, context) => {
  const blocks = new BlockList();
  items.forEach((item, at) => {
    const [, ip = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    try {
      if (bits === undefined) blocks.addAddress(ip, family);
      else blocks.addSubnet(ip, Number(bits), family);
    } catch {
      context.addIssue({
        code: 'custom',
        message: `item ${at + 1} must be an IP address or a network such as 10.0.0.0/8`,
      });
    }
  });
  return { blocks, count: items.length };
});

export const options = {
  ...commonOptions,
  httpPort: option('K8STA_HTTP_PORT', integer(0, 65535).default(8080), 'The port of the page; 0 takes a free one.'),
  tracks: option('K8STA_TRACKS', list, 'Tracks files, or directories of them, separated by commas.'),
  argoInstances: option(
    'K8STA_ARGO_INSTANCES',
    list.pipe(z.array(label).min(1)).default(['default']),
    'The Argo CD instances to show, by the names of their watchers, separated by commas.',
  ),
  argoUrls: option(
    'K8STA_ARGO_URLS',
    pairs('instance', address),
    "Where people find Argo CD's own page: `<instance>=<URL>`, separated by commas. The board then links each Application.",
  ),
  commitUrls: option(
    'K8STA_BOARD_COMMIT_URLS',
    pairs('host', z.string().regex(/^https:\/\/\S*\{commit\}/)),
    'Where a commit can be seen, for Git hosts other than GitHub, GitLab, Bitbucket, Gitea and Codeberg: `<host>=<URL>` with `{path}` and `{commit}` in it, separated by commas.',
  ),
  viewers: option(
    'K8STA_BOARD_VIEWERS',
    integer(1, 100_000).default(1_000),
    'How many open pages a replica keeps up to date; it answers the others with 503.',
  ),
  url: option(
    'K8STA_BOARD_URL',
    address.optional(),
    'Where people find the board, such as `https://k8sta.example.com`. It is required if people sign in.',
  ),
  read: option(
    'K8STA_BOARD_READ',
    oneOf('everyone', 'signedIn').default('everyone'),
    'Who may look: `everyone` who reaches the board, or only those who are `signedIn`.',
  ),
  roles: option(
    'K8STA_BOARD_ROLES',
    file.optional(),
    'A file that says which people and groups may say which words of an operator on which Tracks. Without it nobody may say any.',
  ),
  oidcIssuer: option('K8STA_OIDC_ISSUER', address.optional(), 'The OpenID Connect issuer with which people sign in.'),
  oidcClientId: option('K8STA_OIDC_CLIENT_ID', z.string().min(1).optional(), "The board's client id at the issuer."),
  oidcClientSecretFile: option(
    'K8STA_OIDC_CLIENT_SECRET_FILE',
    file.optional(),
    "A file with the board's client secret at the issuer; without it, the board is a public client and relies on PKCE.",
  ),
  oidcScopes: option(
    'K8STA_OIDC_SCOPES',
    z
      .string()
      .regex(/\bopenid\b/, 'must contain openid')
      .default('openid profile email'),
    'The scopes that the board requests, separated by blanks.',
  ),
  oidcNameClaim: option(
    'K8STA_OIDC_NAME_CLAIM',
    z.string().min(1).default('email'),
    "The claim that names a person on the bus and in roles. It must be unique and not a person's own choice.",
  ),
  oidcGroupsClaim: option(
    'K8STA_OIDC_GROUPS_CLAIM',
    z.string().min(1).default('groups'),
    "The claim with a person's groups.",
  ),
  sessionKeyFile: option(
    'K8STA_BOARD_SESSION_KEY_FILE',
    file.optional(),
    'A file with at least 32 random characters that encrypts the session cookies; the same for all replicas.',
  ),
  sessionMs: option(
    'K8STA_BOARD_SESSION_MS',
    integer(60_000, 7 * 24 * hourMs).default(8 * hourMs),
    'How long a person stays signed in, in milliseconds. A change of their groups takes effect after it.',
  ),
  proxyAddresses: option(
    'K8STA_BOARD_PROXY_ADDRESSES',
    networks,
    'The addresses or networks of an authenticating proxy in front of the board, separated by commas. Only from there does the board believe the next two headers.',
  ),
  proxyUserHeader: option(
    'K8STA_BOARD_PROXY_USER_HEADER',
    headerName.default('X-Forwarded-User'),
    'The header in which the proxy names the person.',
  ),
  proxyGroupsHeader: option(
    'K8STA_BOARD_PROXY_GROUPS_HEADER',
    headerName.default('X-Forwarded-Groups'),
    "The header with the person's groups, separated by commas.",
  ),
} as const satisfies Options;

export type Config = ConfigOf<typeof options>;

/** Throws a {@link ConfigError} if options contradict each other. */
export function checkConfig(config: Config): Config {
  const { oidcIssuer, oidcClientId, sessionKeyFile, proxyAddresses, url, read, roles } = config;
  const isProxied = proxyAddresses.count > 0;
  const signsIn = oidcIssuer !== undefined || isProxied;
  const faults = [
    ...(oidcIssuer && !oidcClientId ? ['K8STA_OIDC_ISSUER needs K8STA_OIDC_CLIENT_ID'] : []),
    ...(oidcIssuer && !sessionKeyFile ? ['K8STA_OIDC_ISSUER needs K8STA_BOARD_SESSION_KEY_FILE'] : []),
    ...(oidcIssuer && isProxied
      ? ['people sign in with K8STA_OIDC_ISSUER or by K8STA_BOARD_PROXY_ADDRESSES: one of them']
      : []),
    ...(signsIn && !url ? ['K8STA_BOARD_URL is required if people sign in'] : []),
    ...(read === 'signedIn' && !signsIn ? ['K8STA_BOARD_READ=signedIn needs a way to sign in'] : []),
    ...(roles && !signsIn ? ['K8STA_BOARD_ROLES needs a way to sign in'] : []),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}
