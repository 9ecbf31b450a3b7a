import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { load } from './load.js';

describe("the load of the ingest's bench", () => {
  it('posts every body once, over as many connections as it may open', async () => {
    const bodies: string[] = [];
    let connections = 0;
    let status = 202;
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      response.writeHead(status).end('{}');
    });
    server.on('connection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const { latencies } = await load({ url, connections: 3, requests: 20, body: (at) => `body ${at}` });
      assert.equal(latencies.length, 20);
      assert.deepEqual(
        [...latencies].sort((one, other) => one - other),
        latencies,
      );
      assert.deepEqual(bodies.sort(), Array.from({ length: 20 }, (_, at) => `body ${at}`).sort());
      assert.equal(connections, 3);
      status = 200;
      await assert.rejects(load({ url, connections: 1, requests: 1, body: () => '' }), /answered with 200/);
    } finally {
      server.close();
    }
  });
});
