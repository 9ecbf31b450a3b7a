import { readFile } from 'node:fs/promises';
import { rehearse, senderNames } from '@k8sta/ingest/rehearse';
import { didYouMean, fileReason, sanitizeLine } from '@k8sta/text';
import { loadTracks } from '@k8sta/tracks';
import type { Output } from './replay.js';

export interface TryRequest {
  readonly sender: string;
  readonly file: string;
  /** Each as "Name: value". */
  readonly headers: readonly string[];
  /** Tracks files. */
  readonly tracks: readonly string[];
  readonly now: Date;
}

/** Says what a webhook with this body would do. Connects to nothing and stores nothing. */
export async function tryWebhook({ sender, file, headers, tracks: files, now }: TryRequest): Promise<Output> {
  const tracks = await loadTracks([...files]);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => fileReason(error));
  if (typeof bytes === 'string') return { code: 1, text: `${file} cannot be read: ${bytes}\n` };
  const named = headers.map((header) => /^([A-Za-z0-9-]+):\s*(.*)$/.exec(header)?.slice(1));
  const wrong = headers.find((_header, at) => named[at] === undefined);
  if (wrong !== undefined)
    return { code: 1, text: `--header "${sanitizeLine(wrong)}" is not of the form "Name: value"\n` };
  const given = Object.fromEntries(named.map((each = []) => [each[0]?.toLowerCase() ?? '', each[1] ?? '']));
  const request = { sender, headers: { 'content-type': 'application/json', ...given }, bytes, tracks, now };
  const result = rehearse(request);
  if (!result) {
    const hint = didYouMean(sender, [...senderNames]);
    return { code: 1, text: `there is no sender "${sanitizeLine(sender)}"${hint}: ${senderNames.join(', ')}\n` };
  }
  if ('refusal' in result) return { code: 1, text: `refused (${result.refusal}): ${sanitizeLine(result.message)}\n` };
  if ('ignored' in result) return { code: 0, text: `ignored: ${sanitizeLine(result.ignored)}\n` };
  if (result.notSubscribed) {
    const { reason, message, tracks: names } = result.notSubscribed;
    const whose = names.length > 0 ? ` (${names.join(', ')})` : '';
    return { code: 0, text: `opens no Ticket (${reason}): ${sanitizeLine(message)}${whose}\n` };
  }
  const lines = result.openings.map(({ named: { track, ticket, image } }) => `${track}: Ticket ${ticket} of ${image}`);
  return {
    code: 0,
    text: `opens, unless it exists already:\n  ${lines.map((line) => sanitizeLine(line)).join('\n  ')}\n`,
  };
}
