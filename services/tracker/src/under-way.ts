/** Questions that are being asked, by key: each once at a time. */
export class UnderWay {
  readonly #work = new Map<string, Promise<void>>();

  /** Starts the work; false if work of this key is under way. The work must not reject. `ended` is called once it has. */
  start(key: string, work: () => Promise<void>, ended: () => void = () => {}): boolean {
    if (this.#work.has(key)) return false;
    const running = work().finally(() => {
      this.#work.delete(key);
      ended();
    });
    this.#work.set(key, running);
    return true;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work.values());
  }
}
