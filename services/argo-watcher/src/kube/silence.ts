/**
 * The limit of silence on one connection. Its signal aborts when the server was silent for that long, or when the service
 * shuts down. (`AbortSignal.any` on a signal that lives as long as the process keeps every signal ever derived from it.)
 */
export class Silence {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #end: AbortSignal;
  readonly #abort = () => this.#controller.abort();
  #isTooLong = false;

  constructor(limitMs: number, end: AbortSignal) {
    this.#end = end;
    this.#timer = setTimeout(() => {
      this.#isTooLong = true;
      this.#abort();
    }, limitMs);
    if (end.aborted) this.#abort();
    end.addEventListener('abort', this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the silence ended the connection. */
  get isTooLong(): boolean {
    return this.#isTooLong;
  }

  heard(): void {
    this.#timer.refresh();
  }

  /** Closes the connection if it is still open. */
  abandon(): void {
    this.over();
    this.#abort();
  }

  over(): void {
    clearTimeout(this.#timer);
    this.#end.removeEventListener('abort', this.#abort);
  }
}
