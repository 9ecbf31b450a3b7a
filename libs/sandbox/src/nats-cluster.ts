import { connect, type NatsConnection } from 'nats';
import { admin, natsUsers } from './deployed.js';
import { temporaryDirectory } from './directory.js';
import { startInSteps } from './ends.js';
import { type DeployedNats, loginOf, type NatsLogin, type NatsServer, natsRefusals, startNatsServer } from './nats.js';
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
  return startInSteps(async (ends) => {
    const users = await temporaryDirectory('nats-users');
    ends.add(() => users.remove());
    const { configFile, logins } = await natsUsers(users.path, people);
    const refusals = natsRefusals();
    const nodes = await startAll(await startsOf(configFile, (line) => refusals.read(line)));
    const as = (user: string) =>
      loginOf(
        logins,
        user,
        nodes.map(({ url }) => url),
      );
    const cluster = ends.keep(asOneServer(nodes, () => users.remove()));
    const hasLeader = () => ask(as(admin), async (connection) => !!(await connection.jetstreamManager()));
    await until(hasLeader, { what: 'a leader of JetStream', deadlineMs: 30_000, everyMs: 100 });
    const leaderOf = async (stream: string): Promise<NatsServer> => {
      const look = () =>
        ask(as(admin), async (connection) => {
          const { cluster: group } = await (await connection.jetstreamManager()).streams.info(stream);
          return nodes[names.indexOf(group?.leader ?? '')];
        });
      return until(look, { what: `a leader of ${stream}`, deadlineMs: 30_000 });
    };
    return Object.assign(cluster, { nodes, as, refusals, leaderOf });
  });
}

const names = ['a', 'b', 'c'];

/** How each node starts: with the routes to all nodes. */
async function startsOf(configFile: string, onLine: (line: string) => void): Promise<(() => Promise<NatsServer>)[]> {
  const members = await Promise.all(names.map(async (name) => ({ name, route: await freePort() })));
  const routes = members.map(({ route }) => `nats-route://127.0.0.1:${route}`).join(',');
  return members.map(({ name, route }) => () => {
    const args = [
      ...['--server_name', name, '--cluster_name', 'k8sta', '--cluster', `nats://127.0.0.1:${route}`],
      ...['--routes', routes],
    ];
    return startNatsServer({ configFile, args }, undefined, onLine);
  });
}

/** The answer of the cluster; undefined if it has none now. */
async function ask<T>(login: NatsLogin, question: (connection: NatsConnection) => Promise<T>): Promise<T | undefined> {
  const connection = await connect({ ...login, reconnect: false }).catch(() => undefined);
  try {
    return connection && (await question(connection).catch(() => undefined));
  } finally {
    await connection?.close();
  }
}
