import { z } from 'zod';

/** RFC 1123 label: the name of a Track, a Station or an Argo CD instance. */
export const label = z
  .string()
  .max(63)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    'must be a DNS label: lower-case letters, digits and "-", at most 63, beginning and ending with a letter or digit',
  );

/** RFC 1123 subdomain: the name of a Kubernetes object. */
export const subdomain = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'must be a Kubernetes name: lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit',
  );

/**
 * Host, path and the "/" between them together: the limit of the OCI distribution spec
 * (https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests).
 */
export const longestRepository = 255;

/** A normalised image repository, `docker.io/library/nginx`, as `normaliseRepository` returns it. */
export const imageRepository = z
  .string()
  .min(1)
  .max(longestRepository, `must be an image repository: at most ${longestRepository} characters with its host`);

/**
 * `sha256:` and 64 hexadecimal digits (or another registered algorithm): the OCI image spec's content digest. 128 digits
 * are those of sha512, the longest that is registered.
 */
export const digest = z
  .string()
  .max(200, 'must be an image digest')
  .regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,128}$/, 'must be an image digest');

/** The OCI distribution spec's tag grammar. */
export const tag = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'must be an image tag: at most 128 letters, digits, "_", "." and "-"');

export const commitSha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'must be a full Git commit id');

/** An Argo CD Application by namespace and name: names alone are not unique. */
export const applicationRef = z.looseObject({ namespace: label, name: subdomain });
export type ApplicationRef = z.infer<typeof applicationRef>;

/** `namespace/name`: the key of an Application in maps and messages. */
export function applicationKey(application: { namespace: string; name: string }): string {
  return `${application.namespace}/${application.name}`;
}
