import autocannon from 'autocannon';

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

/**
 * Posts that many bodies over that many connections, each of which posts its next one once it has an answer. Rejects unless
 * every answer is 202: an image that is refused is cheaper than one that is stored.
 */
export async function load({ url, connections, requests, body }: Load): Promise<Loaded> {
  const latencies: number[] = [];
  const wrong = new Set<number | string>();
  let next = 0;
  let endedAt = 0;
  const startedAt = performance.now();
  await new Promise<void>((resolve, reject) => {
    const options: autocannon.Options = {
      ...{ url, connections, amount: requests, excludeErrorStats: true },
      requests: [
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          setupRequest: (request) => ({ ...request, body: body(next++) }),
        },
      ],
    };
    const running = autocannon(options, (error) => (error ? reject(error) : resolve()));
    running.on('response', (_client, status, _bytes, ms) => {
      if (status !== 202) wrong.add(status);
      latencies.push(ms);
      // autocannon itself notices the end only at its next sample.
      endedAt = performance.now();
    });
    running.on('reqError', (error) => wrong.add(error.message));
  });
  if (wrong.size > 0) throw new Error(`a webhook was answered with ${[...wrong].join(', ')}`);
  return { seconds: (endedAt - startedAt) / 1_000, latencies: latencies.sort((one, other) => one - other) };
}
