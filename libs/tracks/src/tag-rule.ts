import { unreachable } from '@k8sta/text';
import { parse, Range } from 'semver';
import { matchesPattern } from './tag-pattern.js';

/** Which tags of an image repository ride. */
export type TagRule = Chosen & {
  /** Tags in which one of these RE2 expressions finds a match do not ride, whatever else the rule says. */
  readonly ignore?: readonly IgnoredTags[];
};

/** An object, so that its expression is compiled once. */
export interface IgnoredTags {
  readonly pattern: string;
}

type Chosen =
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

/**
 * The tag of an index of what refers to a digest, in registries without an API for that
 * (https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema).
 */
const referrers = /^sha256-[0-9a-f]{64}$|^sha512-[0-9a-f]{64,128}$/i;

/** Why this rule rejects the tag; undefined if it accepts the tag. */
export function refusalOf(rule: TagRule, tag: string): string | undefined {
  if (attachment.test(tag) || referrers.test(tag)) return 'is a signature, an attestation or an SBOM';
  const ignored = rule.ignore?.find((each) => matchesPattern(each, tag));
  if (ignored) return `is ignored by "${ignored.pattern}"`;
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
