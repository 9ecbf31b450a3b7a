import { LRUCache } from 'lru-cache';
import type { Forge, Merged } from './forge.js';

type Asked = Pick<Forge, 'get' | 'comment'>;

/**
 * Comments on pull requests and closes them. It remembers a comment whose closing failed, so that a forge which takes
 * comments and does not close gets one comment and not one for each attempt.
 */
export class Closing {
  readonly #commented = new LRUCache<number, string>({ max: 100 });

  async close(forge: Asked, number: number, comment: string, shut: () => Promise<unknown>): Promise<void> {
    const proposal = await forge.get(number);
    if (proposal?.state !== 'open') return;
    if (this.#commented.get(number) !== comment) {
      await forge.comment(number, comment);
      this.#commented.set(number, comment);
    }
    await shut();
    this.#commented.delete(number);
  }
}

/** The outcome of a merge that the forge refused: it may be merged already, by an earlier request of ours or a person. */
export async function afterRefusal(forge: Pick<Forge, 'get'>, number: number, why: string): Promise<Merged> {
  const proposal = await forge.get(number);
  if (proposal?.state === 'merged') return { is: 'merged' };
  // GitLab refuses with `405 Method Not Allowed` and nothing else.
  const missing = proposal?.missing ?? '';
  return { is: 'refused', why: missing === '' ? why : `${missing} (${why})` };
}
