import { Agent, request } from 'node:http';

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly requests: number;
  /** The body of the request with this number. */
  readonly body: (at: number) => string;
}

export interface Loaded {
  readonly seconds: number;
  /** How long each request took, in milliseconds, in ascending order. */
  readonly latencies: readonly number[];
}

/** Posts that many bodies over that many connections, each of which posts its next one once it has an answer. */
export async function load({ url, connections, requests, body }: Load): Promise<Loaded> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  const postInTurn = async () => {
    while (next < requests) {
      const at = performance.now();
      await post(url, body(next++), agent);
      latencies.push(performance.now() - at);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, postInTurn));
    return { seconds: (performance.now() - startedAt) / 1_000, latencies: latencies.sort((one, other) => one - other) };
  } finally {
    agent.destroy();
  }
}

/** Rejects unless the answer is 202: an image that is refused is cheaper than one that is stored. */
function post(url: string, body: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const posted = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 202) resolve();
        else reject(new Error(`a webhook was answered with ${response.statusCode}`));
      });
    });
    posted.once('error', reject);
    posted.end(body);
  });
}

/** The latency that this share of the requests does not exceed. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const ascending = [...values].sort((one, other) => one - other);
  const middle = Math.floor(ascending.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [ascending[Math.ceil(ascending.length / 2) - 1], ascending[middle]];
  return (low + high) / 2;
}
