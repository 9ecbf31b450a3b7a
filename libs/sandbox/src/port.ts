import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

const host = '127.0.0.1';

/**
 * A port of 127.0.0.1 that is free at this moment and that this function returns to no other process. A program that chooses
 * its ports in another way may still take it before you do: try again with another.
 *
 * It is below every system's ephemeral range on purpose. While a server with an ephemeral port is down, an outgoing
 * connection can get that port, and a client that keeps reconnecting can even connect to itself; in both cases the server
 * cannot come back on its port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await nextOwnPort();
    if (await isFree(port)) return port;
  }
}

const [first, end] = [20_000, 30_000];

/**
 * Test files run in several processes at once. A process owns a block of ports while it listens on the first port of the
 * block; the operating system releases it when the process ends.
 */
const blockSize = 20;

const own: number[] = [];
/** One call at a time, so that no port is returned twice before its server listens. */
let next = 0;
let claiming: Promise<void> | undefined;

async function nextOwnPort(): Promise<number> {
  while (next === own.length) {
    claiming ??= claimBlock().finally(() => {
      claiming = undefined;
    });
    await claiming;
  }
  const port = own[next++];
  if (port === undefined) throw new Error('this process owns no port');
  return port;
}

async function claimBlock(): Promise<void> {
  const blocks = (end - first) / blockSize;
  const start = randomInt(blocks);
  for (let at = 0; at < blocks; at++) {
    const base = first + ((start + at) % blocks) * blockSize;
    const claim = await listenOn(base);
    if (!claim) continue;
    claim.unref();
    for (let port = base + 1; port < base + blockSize; port++) own.push(port);
    return;
  }
  if (own.length === 0) throw new Error(`other processes own all ports from ${first} to ${end - 1}`);
  next = 0;
}

async function isFree(port: number): Promise<boolean> {
  const probe = await listenOn(port);
  if (!probe) return false;
  probe.close();
  await once(probe, 'close');
  return true;
}

function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

/** Whether a process accepts connections on this port of 127.0.0.1. */
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
