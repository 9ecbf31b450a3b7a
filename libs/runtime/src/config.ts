import { accessSync, constants } from 'node:fs';
import { didYouMean, fileReason } from '@k8sta/text';
import { z } from 'zod';

/** One environment variable: its name, its schema, and its sentence in the generated reference. */
export interface Option<Schema extends z.ZodType = z.ZodType> {
  readonly env: string;
  readonly schema: Schema;
  readonly description: string;
}

export type Options = Readonly<Record<string, Option>>;
export type ConfigOf<T extends Options> = { readonly [Key in keyof T]: z.output<T[Key]['schema']> };

export function option<Schema extends z.ZodType>(env: string, schema: Schema, description: string): Option<Schema> {
  return { env, schema, description };
}

/** All faults of the environment, one on each line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n  ${faults.join('\n  ')}`);
    this.faults = faults;
  }
}

/**
 * Kubernetes injects `<SERVICE>_PORT`, `<SERVICE>_SERVICE_HOST` and similar variables for every Service of the namespace,
 * and the names of our Services begin with k8sta-. https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const serviceLink = /_(SERVICE_(HOST|PORT)(_.*)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Reads the environment. Throws a {@link ConfigError} with ALL faults, values never included: one may be a secret. */
export function loadConfig<T extends Options>(options: T, env: NodeJS.ProcessEnv): ConfigOf<T> {
  const faults: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [key, { env: name, schema }] of Object.entries(options)) {
    // In manifests and shells, an empty variable means "not set".
    const parsed = schema.safeParse(env[name] === '' ? undefined : env[name]);
    if (parsed.success) config[key] = parsed.data;
    else if (!env[name]) faults.push(`${name} is required: ${options[key]?.description ?? ''}`);
    else faults.push(...new Set(parsed.error.issues.map((issue) => `${name}: ${issue.message}`)));
  }
  const known = new Set(Object.values(options).map((each) => each.env));
  for (const name of Object.keys(env)) {
    if (name.startsWith('K8STA_') && !known.has(name) && !serviceLink.test(name)) {
      faults.push(`${name} is not an option of this service${didYouMean(name, [...known])}`);
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return config as ConfigOf<T>;
}

/** A whole number in the environment. */
export function integer(minimum: number, maximum: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z.coerce.number({ error }).int({ error }).min(minimum, { error }).max(maximum, { error });
}

/** One of these words in the environment. */
export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, { error: `must be ${words.map((word) => `"${word}"`).join(' or ')}` });
}

/** A switch in the environment: `true` or `false`, nothing else. */
export const flag = oneOf('true', 'false').transform((text) => text === 'true');

/** A list in the environment, separated by commas. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** Addresses of NATS servers in the environment. Without this check, the client looks up any text as a host name, and never stops. */
const natsAddresses = list.superRefine((addresses, context) => {
  const fault = (message: string) => context.addIssue({ code: 'custom', message });
  if (addresses.length === 0) fault('must name a server, as in "nats://127.0.0.1:4222"');
  addresses.forEach((address, at) => {
    // The message never repeats the address, which may contain a password.
    if (address.includes('@')) fault(`address ${at + 1} must not carry a user or a password: see K8STA_NATS_USER`);
    else if (!isNatsAddress(address)) fault(`address ${at + 1} must be nats://host:port or tls://host:port`);
  });
});

function isNatsAddress(address: string): boolean {
  const match = /^(?:(?:nats|tls):\/\/)?(?:[a-z0-9_](?:[a-z0-9_.-]{0,252})|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i.exec(
    address,
  );
  const port = Number(match?.[1] ?? 4222);
  return match !== null && port >= 1 && port <= 65_535;
}

/** A file in the environment, by its path, which must be readable when the service starts. */
export const file = z.string().superRefine((path, context) => {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    const reason = fileReason(error as NodeJS.ErrnoException);
    context.addIssue({ code: 'custom', message: `${path} cannot be read: ${reason}` });
  }
});

/** Where NATS is, and as whom to connect. */
export const natsOptions = {
  natsUrl: option(
    'K8STA_NATS_URL',
    natsAddresses.default(['nats://127.0.0.1:4222']),
    'Addresses of the NATS servers, separated by commas.',
  ),
  natsUser: option('K8STA_NATS_USER', z.string().optional(), 'The NATS user, if the server requires one.'),
  natsPasswordFile: option(
    'K8STA_NATS_PASSWORD_FILE',
    file.optional(),
    "A file with the NATS user's password. This and the other NATS files are read again for each connection.",
  ),
  natsCredsFile: option(
    'K8STA_NATS_CREDS_FILE',
    file.optional(),
    "A file with the NATS user's JWT and seed, as `nsc generate creds` writes it, instead of user and password.",
  ),
  natsNkeySeedFile: option(
    'K8STA_NATS_NKEY_SEED_FILE',
    file.optional(),
    "A file with the NATS user's nkey seed, instead of user and password.",
  ),
  natsTls: option(
    'K8STA_NATS_TLS',
    flag.default(false),
    'Whether TLS is required for NATS. It is also used if the server requires it or one of the next files is set.',
  ),
  natsCaFile: option(
    'K8STA_NATS_CA_FILE',
    file.optional(),
    "A file with the CA certificates (PEM) that verify NATS's certificate; without it, the system's.",
  ),
  natsCertFile: option('K8STA_NATS_CERT_FILE', file.optional(), 'A file with the client certificate (PEM) for NATS.'),
  natsKeyFile: option('K8STA_NATS_KEY_FILE', file.optional(), "A file with that certificate's private key (PEM)."),
} as const satisfies Options;

/** The address of an HTTP server in the environment. */
const httpAddress = z
  .url({ protocol: /^https?$/, error: 'must begin with http:// or https://' })
  .refine((text) => !/^https?:\/\/[^/]*@/.test(text), {
    error: 'must not carry a user or a password: see K8STA_OTLP_HEADERS_FILE',
  });

/** Where traces go, by the names of OpenTelemetry: https://opentelemetry.io/docs/specs/otel/protocol/exporter/. */
export const tracingOptions = {
  otlpEndpoint: option(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    httpAddress.optional(),
    'The base address of an OTLP receiver, which takes traces by HTTP on /v1/traces below it. Without this and the next variable, the service traces nothing.',
  ),
  otlpTracesEndpoint: option(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    httpAddress.optional(),
    'The whole address for traces, if it is another one.',
  ),
  otlpHeadersFile: option(
    'K8STA_OTLP_HEADERS_FILE',
    file.optional(),
    'A file with HTTP headers for the OTLP receiver, one name=value on each line, such as an Authorization. The service reads it when it starts.',
  ),
  otelDisabled: option(
    'OTEL_SDK_DISABLED',
    z
      .string()
      .optional()
      .transform((text) => text?.toLowerCase() === 'true'),
    'If it is true, the service traces nothing.',
  ),
} as const satisfies Options;

/** What every service reads. */
export const commonOptions = {
  ...natsOptions,
  streamReplicas: option(
    'K8STA_STREAM_REPLICAS',
    integer(1, 5).default(1),
    'How many copies of each stream NATS keeps: 1 for a single server, 3 for a cluster.',
  ),
  ackWaitMs: option(
    'K8STA_ACK_WAIT_MS',
    integer(500, 600_000).default(10_000),
    'How long NATS waits for an acknowledgement before it delivers the message again, for example to another replica after a crash, in milliseconds.',
  ),
  statusPort: option(
    'K8STA_STATUS_PORT',
    integer(0, 65535).default(9090),
    'The port of /healthz, /readyz and /metrics; 0 takes a free one.',
  ),
  logLevel: option(
    'K8STA_LOG_LEVEL',
    oneOf('debug', 'info', 'warn', 'error').default('info'),
    'The least severe level that the service logs.',
  ),
  ...tracingOptions,
} as const satisfies Options;
