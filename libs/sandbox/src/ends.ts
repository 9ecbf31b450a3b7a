/** What stops the parts of something that was started in steps. */
export class Ends {
  readonly #ends: (() => Promise<void>)[] = [];

  add(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  /** Stops the server with the rest, and returns it. */
  keep<T extends { stop(): Promise<void> }>(server: T): T {
    this.add(() => server.stop());
    return server;
  }

  /** Stops everything, the newest first, and also what follows a part that fails to stop. Rejects with the first failure. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.splice(0).reverse()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/** Starts something in steps. If a step fails, it stops what the earlier steps gave to `ends`, and rejects with that failure. */
export async function startInSteps<T>(start: (ends: Ends) => Promise<T>): Promise<T> {
  const ends = new Ends();
  try {
    return await start(ends);
  } catch (error) {
    // A failure to stop would hide why the start failed.
    await ends.stop().catch(() => {});
    throw error;
  }
}
