import { once } from 'node:events';
import type { Server } from 'node:net';
import { freePort } from './port.js';

const attempts = 10;

/** Makes a server listen on 127.0.0.1, on the given port or on a free one, and returns the port. */
export async function listen(server: Server, port?: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const chosen = port ?? (await freePort());
    try {
      server.listen(chosen, '127.0.0.1');
      await once(server, 'listening');
      return chosen;
    } catch (error) {
      const raceLost = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!raceLost || port !== undefined || attempt === attempts) throw error;
    }
  }
}
