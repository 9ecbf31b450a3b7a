import { checkName, label } from '@k8sta/contracts';
import { formatIssues, tryParseJson } from '@k8sta/text';
import { z } from 'zod';
import type { Limits, Line } from '../senders/named-secret.js';

const most = 100;
const limits = {
  tracks: z.array(label).min(1).max(most).optional(),
  checks: z.array(checkName).min(1).max(most).optional(),
};

const limitedSecret = z.strictObject({ secret: z.string(), ...limits });
const limitedTrust = z.looseObject(limits);

/** A secret, or a JSON object with a secret and its limits. A line that begins with "{" is an object. */
export function readLimitedSecret(line: string): Line {
  if (!line.startsWith('{')) return { value: line };
  const parsed = limitedSecret.safeParse(tryParseJson(line));
  if (!parsed.success) return { fault: `${example}: ${formatIssues(parsed.error, 'the object')}` };
  const { secret, ...rest } = parsed.data;
  return { value: secret, limits: rest };
}

const example = 'begins with "{", so it must be a JSON object such as {"secret": "...", "checks": ["smoke"]}';

/** The JSON object of a trusted token, perhaps with limits. What else is in it is checked as for every such sender. */
export function readLimitedTrust(line: string): Line {
  const json = tryParseJson(line);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { value: line };
  const parsed = limitedTrust.safeParse(json);
  if (!parsed.success) return { fault: formatIssues(parsed.error, 'the object') };
  const { tracks, checks, ...trust } = parsed.data;
  return { value: JSON.stringify(trust), limits: { tracks, checks } };
}

/** Why these limits do not allow this report; undefined if they do. */
export function notAllowed(
  { tracks, checks }: Limits,
  { track, name }: { readonly track: string; readonly name: string },
): string | undefined {
  if (tracks && !tracks.includes(track))
    return `reports of the Track "${track}" are not allowed with this secret or token`;
  if (checks && !checks.includes(name))
    return `reports of the check "${name}" are not allowed with this secret or token`;
  return undefined;
}
