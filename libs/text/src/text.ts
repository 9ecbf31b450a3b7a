import { stripVTControlCharacters } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

/** Most texts are one clean line already, and argo-watcher reads tens of thousands of them before it is ready. */
const isOneLine = (text: string) => /^(?:[!-~]+(?: [!-~]+)*)?$/.test(text) && !/:\/\/|=|authorization/i.test(text);

/**
 * Makes text from outside (a server, a file, a webhook) safe to publish, log and show: one line without control characters,
 * no longer than `limit`, and without the credentials in its addresses.
 */
export function sanitizeLine(text: string, limit = 500): string {
  if (text.length <= limit && isOneLine(text)) return text;
  const clean = stripVTControlCharacters(text)
    // Formatting characters, too: a right-to-left override makes one text look like another.
    .replaceAll(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .trim()
    // Not from the scheme on: a text such as `a.a.a.` has a possible scheme at each dot, and would take quadratic time.
    .replaceAll(/:\/\/[^\s/]*@/g, '://')
    .replaceAll(/([?&][\w.-]*(?:token|secret|password|key|signature|sig)=)[^&\s"']+/gi, '$1***')
    .replaceAll(/(authorization: *\w+ )\S+/gi, '$1***');
  if (clean.length <= limit) return clean;
  // Do not cut a surrogate pair in two.
  return `${clean.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The issues of a schema with their paths, on one line. Zod repeats no values, but the names of unknown keys. */
export function formatIssues({ issues }: z.ZodError, whole = 'it'): string {
  return sanitizeLine(issues.map(({ path, message }) => `${path.join('.') || whole}: ${message}`).join('; '), 1_000);
}

/** `; did you mean "images"?` if a known word is similar, otherwise an empty text. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const given = word.slice(0, 100);
  const nearest = closest(given, [...known]);
  return distance(given, nearest) <= Math.max(1, nearest.length / 3) ? `; did you mean "${nearest}"?` : '';
}

const fileReasons: Record<string, string> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  EROFS: 'its file system is read-only',
};

/** Why a file cannot be read, in words. */
export function fileReason({ code = '', message }: NodeJS.ErrnoException): string {
  return fileReasons[code] ?? sanitizeLine(message);
}
