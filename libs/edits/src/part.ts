import { type applicationRef, commitSha, label, promotionRequested, promotionStarted } from '@k8sta/contracts';
import { z } from 'zod';

/** The branch before the first push of this part. After a restart the promoter resumes from it. */
export const startedSchema = z.object({
  branch: z.string(),
  base: commitSha,
  replaces: promotionStarted.schema.shape.replaces,
});
export type Started = z.infer<typeof startedSchema>;

const request = promotionRequested.schema.shape;

/** What decides the edits of one part of a promotion. */
export const editsSchema = z.object({
  station: label,
  applications: z.array(request.applications.element.omit({ sourceIndex: true })),
  protectedSources: request.protectedSources,
  started: startedSchema.optional(),
});
export type EditsWanted = z.infer<typeof editsSchema>;

/** An Application of the Station that is promoted. */
export type Application = EditsWanted['applications'][number];

/** A source of an Application outside the Station. */
export type ProtectedSource = EditsWanted['protectedSources'][number];

/** Tells Applications in messages. */
export type Named = z.infer<typeof applicationRef>;
