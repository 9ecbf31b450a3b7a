// Real servers

export { admin, type Login } from './deployed.js';
export {
  type DeployedNats,
  type NatsLogin,
  type NatsOptions,
  type NatsServer,
  startDeployedNats,
  startNats,
} from './nats.js';
export { type NatsCluster, startNatsCluster } from './nats-cluster.js';
export { type DeployedRedis, type RedisOptions, type RedisServer, startDeployedRedis, startRedis } from './redis.js';
export { clusterPermissions, type RedisCluster, startRedisCluster } from './redis-cluster.js';
export { type RedisSentinel, sentinelPermissions, startRedisSentinel } from './redis-sentinel.js';
export { type Registry, type RegistryOptions, registryUser, startRegistry } from './registry.js';
export type { Server } from './server.js';

// Real Git servers

export { basicAuthentication, git } from './git/command.js';
export type { Author } from './git/fast-import.js';
export type { Commit } from './git/log.js';
export type { NewCommit, Repository, RepositoryContents } from './git/repository.js';
export {
  type GitInterception,
  type GitInterceptor,
  type GitRequest,
  type GitServer,
  type GitServerOptions,
  startGitServer,
} from './git/server.js';
export { createSshKey, type SshGitServer, type SshKey, type SshKeyType, startSshGitServer } from './git/ssh-server.js';

// The stand-in for GitHub's API

export { type GitHub, type GitHubOptions, startGitHub } from './git/github.js';

// The stand-ins for forges with pull requests

export {
  type Ability,
  type ApiFault,
  type CheckWish,
  type Delivery,
  type Deployment,
  type ForgeInterceptor,
  type ForgeRequest,
  type ForgeServer,
  type ForgeServerOptions,
  type Meets,
  type People,
  type Pull,
  type Report,
  type Rules,
  startForge,
  type Webhooks,
  type WebhookTarget,
} from './forge/index.js';

// An OIDC issuer

export { type Issuer, type IssuerBehaviour, startIssuer, type TokenChange } from './issuer.js';

// A receiver of traces

export { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp.js';

// The stand-in for Argo CD

export * from './argo/index.js';

// All of these together with our own services

export { type HostedLine, type Line, type Railway, railwayOf, storefront } from './line.js';
export { type Notification, type Notified, type NotifiedOptions, startNotified } from './notified.js';
export type { RepositoryHost } from './repository-host.js';
export { type NamedScenario, scenarios } from './scenarios.js';
export { argumentsOf, argumentsToRun, type Service, type ServiceOptions, startService } from './service.js';
export { type System, startSystem } from './system.js';
export type { ServiceName } from './system-configuration.js';
export type { SystemOptions } from './system-options.js';
export { type Passing, startProxy, type TcpProxy, type Verdict } from './tcp-proxy.js';

// The parts of these servers, for tests that start their own programs

export { type Certificate, createCertificate } from './certificate.js';
export { type TemporaryDirectory, temporaryDirectory } from './directory.js';
export { Ends } from './ends.js';
export { freePort } from './port.js';
export { type ProcessOptions, type RunningProcess, startProcess } from './process.js';
export { type UntilOptions, until } from './until.js';
