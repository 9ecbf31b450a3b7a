import type { ForgeRequest } from './call.js';

/**
 * What goes wrong with a request. `rateLimit`: all requests of this hour are used up; `secondaryLimit`: too many in a short
 * time; `badToken`: the token is not valid any more; `hang`: no answer; `drop`: the connection ends before the forge did
 * anything; `loseAnswer`: it ends after the forge has done the work.
 */
export type ApiFault =
  | { readonly is: 'rateLimit'; readonly resetAt: Date }
  | { readonly is: 'secondaryLimit'; readonly retryAfterS: number; readonly status?: 403 | 429 }
  | {
      readonly is: 'status';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  | { readonly is: 'badToken' }
  | { readonly is: 'delay'; readonly ms: number }
  | { readonly is: 'hang' }
  | { readonly is: 'drop' }
  | { readonly is: 'loseAnswer' };

/** Which requests a fault meets; default: the next one. */
export interface Meets {
  readonly method?: string;
  readonly path?: RegExp;
  /** How many requests; `Infinity` until `heal`. */
  readonly times?: number;
}

/** A fault that a test decides on when the request is there. */
export type ForgeInterceptor = (request: ForgeRequest) => ApiFault | undefined | Promise<ApiFault | undefined>;

/** The faults that wait for a request, the oldest first. */
export class Faults {
  interceptor: ForgeInterceptor | undefined;
  #waiting: { fault: ApiFault; meets: Meets; left: number }[] = [];

  add(fault: ApiFault, meets: Meets = {}): void {
    this.#waiting.push({ fault, meets, left: meets.times ?? 1 });
  }

  heal(): void {
    this.interceptor = undefined;
    this.#waiting = [];
  }

  async take(request: ForgeRequest): Promise<ApiFault | undefined> {
    return (await this.interceptor?.(request)) ?? this.#next(request);
  }

  #next({ method, path }: ForgeRequest): ApiFault | undefined {
    const found = this.#waiting.find(
      ({ meets }) => (meets.method ?? method) === method && (meets.path?.test(path) ?? true),
    );
    if (!found) return undefined;
    found.left--;
    if (found.left <= 0) this.#waiting = this.#waiting.filter((waiting) => waiting !== found);
    return found.fault;
  }
}
