import { z } from 'zod';
import { announce } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { hmac, oidcToken, type Proof } from './proof.js';
import type { Sender } from './sender.js';

/** What a CI job posts: `{"image": "ghcr.io/acme/app", "tag": "1.4.2", "digest": "sha256:..."}`, or all of it in `image`. */
const call = z.object({
  image: z.string(),
  tag: z.string().optional(),
  digest: z.string().optional(),
});

function calls(name: string, proof: Proof): Sender {
  return jsonSender({
    name,
    proof,
    // `curl --data` says that it is a form unless it is told otherwise.
    contentTypes: ['application/json', 'text/plain', 'application/x-www-form-urlencoded'],
    payload: call,
    announced({ image, tag, digest }, { receivedAt }) {
      const announced = announce({ repository: image, tag, digest, where: 'image' }, receivedAt);
      // A person wrote this: a call without a tag is a mistake.
      return ['ignored' in announced ? { fault: 'needs "tag", or a tag in "image"' } : announced];
    },
  });
}

export const generic = calls(
  'generic',
  hmac('X-Signature', { algorithm: 'sha256', prefix: 'sha256=', encoding: 'hex' }),
);

/** With the ID token of a job of GitHub Actions or GitLab CI, so that no secret is stored there. */
export const genericOidc = calls('generic-oidc', oidcToken());
