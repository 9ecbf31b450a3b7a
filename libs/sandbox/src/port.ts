import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const host = '127.0.0.1';

/**
 * A port of 127.0.0.1 on which nobody listens at this moment. Somebody may take it before you do: try again with another.
 *
 * It lies below every system's ephemeral range on purpose. While a server with an ephemeral port is down, an outgoing
 * connection can be given that very port, and a client that keeps reconnecting can even connect to itself; either way
 * the server cannot come back on its port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next;
    next = port + 1 < end ? port + 1 : first;
    if (await isFree(port)) return port;
  }
}

const [first, end] = [20_000, 30_000];
/** One after the other, so that none is given twice while whoever was given it has yet to listen. */
let next = randomInt(first, end);

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

/** Whether somebody accepts connections on this port of 127.0.0.1. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
