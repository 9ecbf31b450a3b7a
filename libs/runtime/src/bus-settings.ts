import { ConfigError, type ConfigOf, type commonOptions, type natsOptions } from './config.js';

/** The settings of the bus from the common options. Throws a {@link ConfigError} if they contradict each other. */
export function busSettings(config: ConfigOf<typeof commonOptions>) {
  return { connection: natsConnection(config), replicas: config.streamReplicas, ackWaitMs: config.ackWaitMs };
}

/** The settings of the connection to NATS from the options. Throws a {@link ConfigError} if they contradict each other. */
export function natsConnection(config: ConfigOf<typeof natsOptions>) {
  const { natsUser: user, natsPasswordFile: passwordFile } = config;
  const { natsCredsFile: credsFile, natsNkeySeedFile: nkeySeedFile } = config;
  const { natsCaFile: caFile, natsCertFile: certFile, natsKeyFile: keyFile } = config;
  const ways = [user ?? passwordFile, credsFile, nkeySeedFile].filter((way) => way !== undefined);
  const faults = [
    ...(ways.length > 1 ? ['NATS takes user and password, or a creds file, or an nkey seed file: one of them'] : []),
    ...(passwordFile && !user ? ['K8STA_NATS_PASSWORD_FILE needs K8STA_NATS_USER'] : []),
    ...(certFile && !keyFile ? ['K8STA_NATS_CERT_FILE needs K8STA_NATS_KEY_FILE'] : []),
    ...(keyFile && !certFile ? ['K8STA_NATS_KEY_FILE needs K8STA_NATS_CERT_FILE'] : []),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  const encrypted = config.natsTls || caFile !== undefined || certFile !== undefined;
  return {
    servers: config.natsUrl,
    ...{ user, passwordFile, credsFile, nkeySeedFile },
    tls: encrypted ? { caFile, certFile, keyFile } : undefined,
  };
}
