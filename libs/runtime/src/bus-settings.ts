import type { ConfigOf, commonOptions } from './config.js';
import { readSecrets } from './secret.js';

/** What the common options say of the bus, with the password read from its file. */
export async function busSettings(config: ConfigOf<typeof commonOptions>) {
  const [pass] = config.natsPasswordFile ? await readSecrets(config.natsPasswordFile) : [];
  return {
    connection: { servers: config.natsUrl, user: config.natsUser, pass },
    replicas: config.streamReplicas,
    ackWaitMs: config.ackWaitMs,
  };
}
