import type { ArgoCdOptions } from './argo/index.js';
import type { ForgeOptions } from './forge-host.js';
import type { Line, Railway } from './line.js';
import type { DeployedNats } from './nats.js';
import type { DeployedRedis } from './redis.js';
import type { RepositoryHost } from './repository-host.js';
import type { ServiceName } from './system-configuration.js';

export interface SystemOptions {
  readonly line?: Line;
  /** Many Tracks and repositories, instead of the line. */
  readonly railway?: Railway;
  /** More options of the Argo CD stand-in. */
  readonly argo?: Pick<ArgoCdOptions, 'pollMs' | 'scenarios'>;
  /** The deadline of each Station of the line, in the form of the tracks file. The default is short, so that a failure is quick. */
  readonly deadline?: string;
  /** Whether each service reaches NATS, and the tracker Redis, through a proxy that a test can watch and cut. */
  readonly proxied?: boolean;
  /** Starts other servers than a single nats-server or redis-server, such as a cluster. The system stops them. */
  readonly startNats?: () => Promise<DeployedNats>;
  readonly startRedis?: () => Promise<DeployedRedis>;
  /** Where the repository is and how it is reached; default: the Git server, by user name and password. */
  readonly host?: RepositoryHost;
  /** A forge in front of the Git server, which shows pull requests and posts webhooks to ingest. */
  readonly forge?: ForgeOptions;
  /** By service: the folder of a checkout whose version of the service runs, with its packages installed. */
  readonly versions?: Readonly<Partial<Record<ServiceName, string>>>;
  /** More variables, by service. */
  readonly environment?: Readonly<Partial<Record<ServiceName, Record<string, string>>>>;
  /** Called with each line that a service writes. */
  readonly onLine?: (line: string) => void;
  /** Called before each step of the start. */
  readonly onStep?: (step: string) => void;
  /** If it is aborted during the start, everything is stopped and the start rejects with the reason. */
  readonly signal?: AbortSignal;
}
