import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boardOf } from './board-facts.fixture.js';
import { Viewers } from './stream.js';

describe('the stream to a page', () => {
  let server: Server;
  let viewers: Viewers;
  let opened: ServerResponse | undefined;
  const { board, observe } = boardOf(50);
  const numbers: number[] = [];

  before(async () => {
    viewers = new Viewers(board, 2, (number) => numbers.push(number));
    server = createServer((request, response) => {
      opened = response;
      viewers.open(response, request.headers['last-event-id'] as string | undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const connect = async (headers: Record<string, string | undefined> = {}): Promise<IncomingMessage> => {
    const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };

  /** What the stream says until its first message is whole. */
  const textOf = async (response: IncomingMessage): Promise<string> => {
    let text = '';
    for await (const chunk of response.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      text += chunk;
      if (/^data: .*\n\n/m.test(text)) break;
    }
    return text;
  };

  it('queues nothing for a viewer who does not read, and then sends the newest state once', async () => {
    const response = await connect();
    let changes = 0;
    // So many that no socket holds them: the kernel's buffers take a few megabytes.
    for (let round = 0; round < 800; round++) {
      for (let track = 0; track < 50; track++) observe(`t${track}-dev`, `acme/t${track}:${round}`);
      board.refresh();
      changes += 1;
      // The sockets work between the rounds.
      await new Promise(setImmediate);
    }
    assert.ok(opened && opened.writableLength < 2 * 1024 * 1024, `${opened?.writableLength} bytes wait`);
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    while (!text.includes(`["${changes - 1}"]`)) await once(response, 'data');
    const messages = text.split('event: board').length - 1;
    assert.ok(messages < changes / 2, `${messages} messages for ${changes} changes`);
    response.destroy();
  });

  it('says regularly that it is still there, so that the page knows when it is not', async () => {
    const { setInterval: real } = globalThis;
    let beat = () => {};
    globalThis.setInterval = ((run: () => void) => {
      beat = run;
      return real(() => {}, 1_000);
    }) as typeof setInterval;
    const response = await connect();
    globalThis.setInterval = real;
    await textOf(response);
    beat();
    const [chunk] = await once(response, 'data');
    assert.match(String(chunk), /^event: beat\ndata: .+\n\n$/);
    response.destroy();
  });

  it('counts the open pages, and says when there are enough', async () => {
    const [first, second] = [await connect(), await connect()];
    assert.equal(viewers.isFull, true);
    first.destroy();
    second.destroy();
    while (numbers.at(-1) !== 0) await new Promise(setImmediate);
    assert.equal(viewers.isFull, false);
  });

  it('says at once to a page that returns and has missed nothing that it is live again', async () => {
    const first = await connect();
    const [id] = /(?<=^id: ).*/m.exec(await textOf(first)) ?? [];
    first.destroy();
    const again = await connect({ 'last-event-id': id });
    assert.match(await textOf(again), new RegExp(`^id: ${id}\\n.*\\n.*"complete":false,"tracks":\\[\\]`, 'm'));
    again.destroy();
  });

  it('keeps nothing of a page that has gone before its stream is opened', async () => {
    const gone = new Viewers(board, 1);
    const late = createServer(async (request, response) => {
      await once(request.socket, 'close');
      gone.open(response, undefined);
      late.emit('opened');
    }).listen(0, '127.0.0.1');
    await once(late, 'listening');
    const request = get({ port: (late.address() as AddressInfo).port, host: '127.0.0.1' }).on('error', () => {});
    await once(late, 'request');
    request.destroy();
    await once(late, 'opened');
    assert.equal(gone.isFull, false);
    late.close();
  });

  it('ends after its longest time', async () => {
    const short = new Viewers(board, 1, () => {}, 20);
    const ending = createServer((_request, response) => short.open(response, undefined)).listen(0, '127.0.0.1');
    await once(ending, 'listening');
    const [response] = await once(get({ port: (ending.address() as AddressInfo).port, host: '127.0.0.1' }), 'response');
    await once(response.resume(), 'end');
    ending.close();
  });

  it('ends when the board shuts down, so that the page goes to another replica', async () => {
    const response = await connect();
    const ended = once(response.resume(), 'end');
    viewers.close();
    // A change that comes before the connection is closed.
    observe('t0-dev', 'acme/t0:late');
    board.refresh();
    await ended;
  });
});
