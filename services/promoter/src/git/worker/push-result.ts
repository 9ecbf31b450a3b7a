import { sanitizeLine } from '@k8sta/text';
import { RemoteError } from './fault.js';

/** What the server's answer for one ref means. */
export type PushResult =
  | { readonly is: 'accepted' }
  | { readonly is: 'lost'; readonly why: string }
  | { readonly is: 'refused'; readonly why: string };

/**
 * How git, GitHub and GitLab report a lost race (kargo#5286, kargo#5315). git answers `failed to update ref` when it
 * could not lock the ref at its old value; the sideband then says why.
 */
const lostRace =
  /non-fast-forward|fetch first|cannot lock ref|incorrect old value provided|stale info|failed to update ref|reference already exists/i;

/** The server failed, so its answer says nothing about the push. */
const serverError = /internal (server )?error|temporar|unpacker error/i;

/** The words of a hook may look like a lost race, but the hook did refuse the push. */
const byHook = /hook declined|protected branch|GH006|GH013/i;

/**
 * Reads the server's answer for our ref. An empty message means success. Throws a RemoteError when the answer is
 * missing or the server failed: that proves nothing, and the next look at the branch shows what happened.
 */
export function readPushResult(message: string | undefined, sideband: string): PushResult {
  if (message === undefined) throw new RemoteError('the server did not say whether it accepted the push');
  if (message === '') return { is: 'accepted' };
  if (serverError.test(message)) throw new RemoteError(`the server failed: ${message}`);
  const words = sanitizeLine(sideband, 2_000);
  const why = words === '' ? message : `${message}: ${words}`;
  if (byHook.test(message)) return { is: 'refused', why };
  return lostRace.test(message) || lostRace.test(words) ? { is: 'lost', why } : { is: 'refused', why };
}
