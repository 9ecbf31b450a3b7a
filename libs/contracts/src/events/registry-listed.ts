import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { imageRepository } from '../names.js';

/** The token that stands for a repository: its name has characters that a subject may not have. */
export function repositoryToken(repository: string): string {
  return createHash('sha256').update(repository).digest('hex').slice(0, 24);
}

/** Its stream keeps the last message of each subject, so what was seen survives a restart. */
export const registryListed = defineEvent({
  type: 'registry.listed',
  summary:
    'The tags of an image repository that ingest has seen in its registry. Only a tag that is not among them rides.',
  stream: 'K8STA_APPLICATIONS',
  pattern: 'k8sta.registry.{repository}.listed',
  tokens: ({ repository }) => ({ repository: repositoryToken(repository) }),
  publishers: ['ingest'],
  consumers: [],
  readers: ['ingest'],
  schema: z.looseObject({
    repository: imageRepository,
    tags: z.int().min(0).describe('how many tags were seen'),
    seen: z
      .string()
      .max(640_000)
      .describe('the first 8 characters of the SHA-256 of each tag (base64url), one after the other'),
    listedAt: z.iso.datetime(),
  }),
});
