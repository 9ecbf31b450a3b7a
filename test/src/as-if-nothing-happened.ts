import assert from 'node:assert/strict';
import { admin, type Line } from '@k8sta/sandbox';
import { connect } from 'nats';
import type { TestSystem } from './test-system.js';

/** The commits of a Ticket as the Git server has them, named by their `K8sTA-Promotion` trailer, oldest first. */
export async function promotionsOf(railway: TestSystem, ticket: string): Promise<(string | undefined)[]> {
  const log = await railway.repository.log();
  return log
    .filter(({ trailers }) => trailers['K8sTA-Ticket'] === ticket)
    .map(({ trailers }) => trailers['K8sTA-Promotion']);
}

/** Exactly one commit for each Station, in their order. */
export async function assertOneCommitEach(
  railway: TestSystem,
  ticket: string,
  { stations: each }: Line = railway.line,
): Promise<void> {
  const stations = Object.keys(each);
  assert.deepEqual(
    await promotionsOf(railway, ticket),
    stations.map((station) => `${ticket}/${station}/1/0`),
  );
}

/** One commit for each Station, and the history tells the ride as it tells any other, but for what it waited for. */
export async function assertAsIfNothingHappened(
  railway: TestSystem,
  ticket: string,
  line: Line = railway.line,
): Promise<void> {
  await assertOneCommitEach(railway, ticket, line);
  const told = new Set(
    railway.tap
      .all()
      .filter((event) => event.ticketId === ticket)
      .filter(({ type }) => !['ticket.waiting', 'ticket.syncing', 'promotion.delayed'].includes(type))
      .map(({ id }) => id),
  );
  const expected = [
    `ticket.opened/${ticket}`,
    ...Object.keys(line.stations).flatMap((station) => [
      `ticket.promoting/${ticket}/${station}/1`,
      `promotion.requested/${ticket}/${station}/1/0/0`,
      `promotion.started/${ticket}/${station}/1/0`,
      `promotion.committed/${ticket}/${station}/1/0/0`,
      `ticket.arrived/${ticket}/${station}/1`,
    ]),
    `ticket.completed/${ticket}`,
  ];
  assert.deepEqual([...told].sort(), expected.sort());
}

/** No service has met a message that it could never handle. */
export async function assertNoDeadLetters(railway: TestSystem): Promise<void> {
  const connection = await connect(railway.nats.as(admin));
  const manager = await connection.jetstreamManager();
  const { state } = await manager.streams.info('K8STA_DEAD', { subjects_filter: '>' });
  await connection.close();
  assert.deepEqual(state.subjects ?? {}, {});
}
