import { oneLine } from '@k8sta/contracts';
import { RemoteError } from './fault.js';

/** What a server's per-ref answer to a push means. */
export type Verdict =
  | { readonly is: 'taken' }
  | { readonly is: 'lost'; readonly why: string }
  | { readonly is: 'refused'; readonly why: string };

/**
 * The spellings of a lost race, of git, GitHub and GitLab (kargo#5286, kargo#5315). `failed to update ref` is git's
 * per-ref answer when the ref could not be locked at its old value; the sideband then says so.
 */
const lostRace =
  /non-fast-forward|fetch first|cannot lock ref|incorrect old value provided|stale info|failed to update ref|reference already exists/i;

/** The server is unwell; its verdict is none. */
const unwell = /internal (server )?error|temporar|unpacker error/i;

/** A hook's words may sound like a lost race; that a hook said no is certain. */
const byHook = /hook declined|protected branch|GH006|GH013/i;

/**
 * Reads the answer for our ref: `''` is success, and undefined means that the server said nothing of it, which proves
 * nothing either way. Throws then, because the next look at the branch will tell.
 */
export function readVerdict(message: string | undefined, sideband: string): Verdict {
  if (message === undefined) throw new RemoteError('the server did not say what became of the branch');
  if (message === '') return { is: 'taken' };
  if (unwell.test(message)) throw new RemoteError(`the server failed: ${message}`);
  const words = oneLine(sideband, 2_000);
  const why = words === '' ? message : `${message}: ${words}`;
  if (byHook.test(message)) return { is: 'refused', why };
  return lostRace.test(message) || lostRace.test(words) ? { is: 'lost', why } : { is: 'refused', why };
}
