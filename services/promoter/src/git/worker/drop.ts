import type { Dropped } from '../../part.js';
import type { Progress } from './connection.js';
import type { Mirror } from './mirror.js';
import { requireProposalRef } from './proposal-ref.js';
import type { Job } from './protocol.js';
import type { PushConnections } from './push-connections.js';
import { pushRef } from './push-ref.js';

type DropJob = Extract<Job, { op: 'drop' }>;

/** Deletes the branch of a pull request, if the server shows this commit at its tip. */
export async function drop(
  mirror: Mirror,
  connections: PushConnections,
  { remote, head, commit }: DropJob,
  progress: Progress,
): Promise<Dropped> {
  requireProposalRef(head);
  const connection = await connections.open(remote, progress);
  const shown = connection.refs.get(head);
  if (shown !== commit) {
    await connections.close(connection);
    return { is: 'lost', why: `${head} is at ${shown ?? 'no commit'}` };
  }
  mirror.moved(head, undefined);
  const result = await pushRef(connections, connection, `:${head}`, head);
  return result.is === 'accepted' ? { is: 'dropped' } : result;
}
