import { formatIssues } from '@k8sta/text';
import { z } from 'zod';
import type { OidcToken } from '../senders/proof.js';

/** Whose tokens are accepted: a line of the file of a sender that proves itself by an OIDC token. */
export interface Trust {
  /** The issuer's address, where its keys are found. */
  readonly issuer: string;
  /** How its tokens may spell it. */
  readonly issuers: readonly string[];
  readonly audience: string;
  /** Every claim must match one of its patterns, in which `*` stands for any text without a "/". */
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

/**
 * The claims that say who a token is about. Public issuers issue tokens to any of their users, so one of these must be
 * constrained.
 */
const identifying = [
  ...['sub', 'email', 'repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'job_workflow_ref'],
  ...['project_path', 'project_id', 'namespace_path', 'namespace_id'],
];

const pattern = z
  .string()
  .max(500)
  .refine((text) => text.replaceAll('*', '').trim() !== '', 'must not be empty: it would match any value');

const line = z
  .strictObject({
    issuer: z.url().max(500).optional(),
    audience: z.string().min(1).max(500),
    claims: z
      .record(z.string().min(1).max(100), z.union([pattern, z.array(pattern).min(1).max(50)]))
      .refine(
        (claims) => Object.keys(claims).length > 0,
        'must not be empty: any token of the issuer would be accepted',
      ),
  })
  .transform(({ claims, ...rest }) => ({
    ...rest,
    claims: Object.fromEntries(Object.entries(claims).map(([claim, each]) => [claim, [each].flat()])),
  }))
  .superRefine(({ claims }, context) => {
    if (Object.entries(claims).some(([claim, patterns]) => identifies(claim, patterns))) return;
    context.addIssue({
      code: 'custom',
      path: ['claims'],
      message: `must constrain whom the token is about, by one of ${identifying.join(', ')}; in it, "*" may only follow a "/"`,
    });
  });

/** With a "*" before the first "/", such as in "repo:*", anybody could have a name that matches. */
function identifies(claim: string, patterns: readonly string[]): boolean {
  return identifying.includes(claim) && patterns.every((each) => !each.includes('*') || /^[^*]*\/[^*]*\*/.test(each));
}

/** Reads a line, or says what is wrong with it. A fault never repeats a value. */
export function parseTrust(text: string, proof: OidcToken): Trust | { readonly fault: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return {
      fault: 'must be a JSON object such as {"issuer": "https://...", "audience": "...", "claims": {"sub": "..."}}',
    };
  }
  const parsed = line.safeParse(json);
  if (!parsed.success) return { fault: formatIssues(parsed.error, 'the object') };
  const { issuer = proof.issuer, audience, claims } = parsed.data;
  if (issuer === undefined) return { fault: 'issuer: must be the address of the issuer, such as "https://gitlab.com"' };
  if (!isSecure(issuer)) return { fault: 'issuer: must begin with "https://"' };
  const demanded = Object.fromEntries(Object.entries(proof.demands).map(([claim, value]) => [claim, [value]]));
  const aliases = issuer === proof.issuer ? proof.aliases : [];
  return { issuer, issuers: [issuer, ...aliases], audience, claims: { ...claims, ...demanded } };
}

/** Whether nobody on the way can change what this address answers. */
export function isSecure(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1');
}

/** The first claim that does not match; undefined if all do. */
export function mismatch({ claims }: Trust, token: Readonly<Record<string, unknown>>): string | undefined {
  const unmatched = Object.entries(claims).find(([claim, patterns]) => !valuesOf(token, claim).some(matches(patterns)));
  return unmatched?.[0];
}

function valuesOf(token: Readonly<Record<string, unknown>>, claim: string): string[] {
  const value = Object.hasOwn(token, claim) ? token[claim] : undefined;
  const isPlain = (each: unknown) => ['string', 'number', 'boolean'].includes(typeof each);
  return (Array.isArray(value) ? value : [value]).filter(isPlain).map(String);
}

function matches(patterns: readonly string[]) {
  return (value: string) => patterns.some((each) => matchesPattern(each.split('*'), value));
}

/** Whether the value is these pieces, with any text without a "/" between them. In linear time, so not by a RegExp. */
function matchesPattern([first = '', ...rest]: readonly string[], value: string): boolean {
  const last = rest.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
  const end = value.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = value.slice(0, end).indexOf(piece, at);
    if (found < 0 || value.slice(at, found).includes('/')) return false;
    at = found + piece.length;
  }
  return !value.slice(at, end).includes('/');
}
