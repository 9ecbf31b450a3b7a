// Real servers

export { admin } from './deployed.js';
export {
  type DeployedNats,
  type NatsServer,
  startDeployedNats,
  startNats,
} from './nats.js';
export { type NatsCluster, startNatsCluster } from './nats-cluster.js';
export { type DeployedRedis, type RedisServer, startDeployedRedis, startRedis } from './redis.js';
export { clusterPermissions, type RedisCluster, startRedisCluster } from './redis-cluster.js';
export { type RedisSentinel, sentinelPermissions, startRedisSentinel } from './redis-sentinel.js';
export { type Registry, registryUser, startRegistry } from './registry.js';
export type { Server } from './server.js';

// Real Git servers

export { basicAuthentication, git } from './git/command.js';
export type { Commit } from './git/log.js';
export type { Repository } from './git/repository.js';
export {
  type GitInterception,
  type GitRequest,
  type GitServer,
  startGitServer,
} from './git/server.js';
export { createSshKey, type SshGitServer, startSshGitServer } from './git/ssh-server.js';

// The stand-in for GitHub's API

export { type GitHub, startGitHub } from './git/github.js';

// The stand-ins for forges with pull requests

export {
  type ApiFault,
  type ForgeInterceptor,
  type ForgeRequest,
  type ForgeServer,
  type ForgeServerOptions,
  type Pull,
  startForge,
} from './forge/index.js';

// An OIDC issuer

export { type Issuer, startIssuer, type TokenChange } from './issuer.js';

// A receiver of traces

export { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp.js';

// The stand-in for Argo CD

export * from './argo/index.js';

// All of these together with our own services

export { type HostedLine, type Line, railwayOf, storefront } from './line.js';
export { type Notification, type Notified, startNotified } from './notified.js';
export { type NamedScenario, scenarios } from './scenarios.js';
export { argumentsOf, argumentsToRun, type Service, startService } from './service.js';
export { type System, startSystem } from './system.js';
export type { ServiceName } from './system-configuration.js';
export type { SystemOptions } from './system-options.js';
export { startProxy, type TcpProxy } from './tcp-proxy.js';

// The parts of these servers, for tests that start their own programs

export { type Certificate, createCertificate } from './certificate.js';
export { type TemporaryDirectory, temporaryDirectory } from './directory.js';
export { Ends } from './ends.js';
export { freePort } from './port.js';
export { type RunningProcess, startProcess } from './process.js';
export { until } from './until.js';
