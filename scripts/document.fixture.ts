import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { Headers } from '../services/ingest/src/senders/proof.js';

/** The code blocks of a document in docs/ that are in this language. */
export async function blocksOf(document: string, language: string): Promise<string[]> {
  const text = await readFile(new URL(`../docs/${document}`, import.meta.url), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
}

export interface Posted {
  readonly headers: Headers;
  readonly body: Buffer;
  readonly path: string;
}

/** Runs the script of a document with a server in place of https://k8sta.example.com, and returns what it posts last. */
export async function postedBy(script: string, environment: Readonly<Record<string, string>>): Promise<Posted> {
  const received: Posted[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await buffer(request), path: request.url ?? '' });
    response.end('{"value": "a.b.c"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const env = { ...process.env, ACTIONS_ID_TOKEN_REQUEST_URL: `${here}/token?x=y`, ...environment };
    await promisify(execFile)('bash', ['-euc', script.replace('https://k8sta.example.com', here)], { env });
  } finally {
    server.close();
  }
  const last = received.at(-1);
  if (!last) throw new Error('nothing was posted');
  return last;
}
