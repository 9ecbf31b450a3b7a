import { sanitizeLine } from '@k8sta/text';

/** Text from outside as code: in it nothing mentions a person, links, or is markup. */
export function code(text: string, limit = 300): string {
  const line = sanitizeLine(text, limit).replaceAll('`', "'");
  return line === '' ? '' : `\`${line}\``;
}

/** A sentence that may quote what is outside, as plain text: it notifies nobody, and has no markup. */
export function plain(text: string, limit = 2_000): string {
  return sanitizeLine(text, limit)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]{}|~]/g, String.raw`\$&`)
    .replaceAll('@', '@\u200B');
}
