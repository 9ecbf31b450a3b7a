import { type ConfigurationOptions, Observable, setHeaderOptions } from '@kubernetes/client-node';
import { Silence } from './silence.js';

/** Options of one call of the generated client, which by itself would wait forever. */
export type CallOptions = ConfigurationOptions;

/** Makes a call that ends when the server is silent for too long, or when the service shuts down. */
export async function call<T>(
  { idleMs, signal }: { idleMs: number; signal: AbortSignal },
  make: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const silence = new Silence(idleMs, signal);
  try {
    return await make({
      middlewareMergeStrategy: 'append',
      middleware: [
        {
          pre(request) {
            request.setSignal(silence.signal);
            return new Observable(Promise.resolve(request));
          },
          post: (response) => new Observable(Promise.resolve(response)),
        },
      ],
    });
  } catch (error) {
    if (silence.isTooLong) throw new Error(`the Kubernetes API did not answer within ${idleMs} ms`);
    throw error;
  } finally {
    silence.over();
  }
}

export function withContentType(type: string, options: CallOptions): CallOptions {
  return setHeaderOptions('Content-Type', type, options);
}
