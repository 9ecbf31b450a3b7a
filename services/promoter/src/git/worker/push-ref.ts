import nodegit from 'nodegit';
import type { PushConnection, PushConnections } from './push-connections.js';
import { type PushResult, readPushResult } from './push-result.js';

/** Pushes one refspec on this connection, closes it, and reads what the server says about the ref. */
export async function pushRef(
  connections: PushConnections,
  connection: PushConnection,
  refspec: string,
  ref: string,
): Promise<PushResult> {
  const { remote, options, words, progress } = connection;
  progress.contact();
  progress.alive();
  try {
    await remote.push([refspec], options);
    await connections.close(connection);
  } catch (error) {
    if ((error as { errno?: number }).errno !== nodegit.Error.CODE.ENONFASTFORWARD) throw error;
    await connections.close(connection);
    return { is: 'lost', why: (error as Error).message };
  }
  return readPushResult(words.refs.get(ref), words.sideband);
}
