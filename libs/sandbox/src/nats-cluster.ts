import { connect, type NatsConnection } from 'nats';
import { admin, natsUsers } from './deployed.js';
import { temporaryDirectory } from './directory.js';
import { type DeployedNats, loginOf, type NatsServer, natsRefusals, startNatsServer } from './nats.js';
import { freePort } from './port.js';
import { asOneServer, startAll } from './several.js';
import { until } from './until.js';

/** Three nats-servers with the users of deploy/ as one server: `kill`, `restart` and `stop` concern all nodes. */
export interface NatsCluster extends DeployedNats {
  readonly nodes: readonly NatsServer[];
  /** The node that leads the stream. Waits until there is one. */
  leaderOf(stream: string): Promise<NatsServer>;
}

/**
 * A cluster of real nats-servers on 127.0.0.1. Resolves once JetStream has elected its leader, which takes some seconds: a
 * node waits for a random time before it stands for election.
 */
export async function startNatsCluster(people: Readonly<Record<string, string>> = {}): Promise<NatsCluster> {
  const users = await temporaryDirectory('nats-users');
  const { configFile, logins } = await natsUsers(users.path, people);
  const refusals = natsRefusals();
  const members = await Promise.all(['a', 'b', 'c'].map(async (name) => ({ name, route: await freePort() })));
  const routes = members.map(({ route }) => `nats-route://127.0.0.1:${route}`).join(',');
  const start = ({ name, route }: (typeof members)[number]) =>
    startNatsServer(
      {
        configFile,
        args: [
          ...['--server_name', name, '--cluster_name', 'k8sta', '--cluster', `nats://127.0.0.1:${route}`],
          ...['--routes', routes],
        ],
      },
      undefined,
      (line) => refusals.read(line),
    );
  const nodes = await startAll(members.map((member) => () => start(member)));
  const urls = nodes.map(({ url }) => url);
  const as = (user: string) => loginOf(logins, user, urls);
  const cluster = asOneServer(nodes, () => users.remove());
  const ask = async <T>(question: (connection: NatsConnection) => Promise<T>): Promise<T | undefined> => {
    const connection = await connect({ ...as(admin), reconnect: false }).catch(() => undefined);
    try {
      return connection && (await question(connection).catch(() => undefined));
    } finally {
      await connection?.close();
    }
  };
  const leaderOf = async (stream: string): Promise<NatsServer> => {
    const look = () =>
      ask(async (connection) => {
        const { cluster: group } = await (await connection.jetstreamManager()).streams.info(stream);
        return nodes[members.findIndex(({ name }) => name === group?.leader)];
      });
    return until(async () => (await look()) ?? undefined, { what: `a leader of ${stream}`, deadlineMs: 30_000 });
  };
  try {
    const hasLeader = () => ask(async (connection) => !!(await connection.jetstreamManager()));
    await until(hasLeader, { what: 'a leader of JetStream', deadlineMs: 30_000, everyMs: 100 });
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return Object.assign(cluster, { nodes, as, refusals, leaderOf });
}
