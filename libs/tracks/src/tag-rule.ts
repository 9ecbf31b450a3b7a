import { unreachable } from '@k8sta/text';
import { parse, Range } from 'semver';
import { matchesPattern } from './tag-pattern.js';

/** Which tags of an image repository ride. */
export type TagRule =
  /** The default: releases in strict semver (`1.4.2`, `v1.4.2`), no pre-releases. */
  | { readonly is: 'strictSemver' }
  /** Strict semver within the range. */
  | { readonly is: 'semver'; readonly range: string }
  /** Tags in which this RE2 expression finds a match, anchored as it is written. */
  | { readonly is: 'pattern'; readonly pattern: string };

/**
 * cosign pushes signatures, attestations and SBOMs as tags of the repository they are about
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md): no container can run them.
 */
const attachment = /\.(sig|att|sbom)$/i;

/** Why this rule rejects the tag; undefined if it accepts the tag. */
export function refusalOf(rule: TagRule, tag: string): string | undefined {
  if (attachment.test(tag)) return 'is a signature, an attestation or an SBOM';
  switch (rule.is) {
    case 'strictSemver':
      if (!parse(tag)) return 'is not strict semver';
      return satisfies(tag, '*') ? undefined : 'is a pre-release';
    case 'semver':
      if (!parse(tag)) return 'is not strict semver';
      return satisfies(tag, rule.range) ? undefined : `is outside of "${rule.range}"`;
    case 'pattern':
      return matchesPattern(rule, tag) ? undefined : `does not match "${rule.pattern}"`;
    default:
      return unreachable('tag rule', rule);
  }
}

/**
 * Pre-releases ride if the range names one (`>=1.0.0-0`), and then every pre-release in the range rides, as in Helm, Flux
 * and Argo CD (https://github.com/Masterminds/semver#working-with-prerelease-versions). node-semver alone would accept
 * only those of 1.0.0.
 */
function satisfies(tag: string, range: string): boolean {
  return new Range(range, { includePrerelease: /\d+\.\d+\.\d+-[0-9A-Za-z]/.test(range) }).test(tag);
}
