import { readFile } from 'node:fs/promises';
import { commitSha, label, parseImage, subdomain, type WantedImage } from '@k8sta/contracts';
import { fileReason } from '@k8sta/text';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { InputFault } from './fault.js';

const image = z.string().transform((text, context): WantedImage => {
  try {
    const { repository, tag, digest } = parseImage(text);
    if (tag !== undefined) return { repository, tag, ...(digest && { digest }) };
  } catch {}
  context.issues.push({ code: 'custom', input: text, message: 'must be an image with a tag' });
  return z.NEVER;
});
const application = z.union([subdomain, z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/)], {
  error: 'must be the name of an Application, or namespace/name',
});

/** The commits of one branch of one repository, oldest first. */
const commit = z
  .strictObject({
    at: z.iso.datetime({ offset: true }).describe('when it was pushed'),
    commit: commitSha,
    station: label.optional().describe('the Station of the commit; absent for a commit that K8sTA did not make'),
    applications: z.array(application).optional().describe('of that Station'),
    image: image.optional().describe('the image that the commit promotes'),
    names: z
      .record(application, z.string())
      .optional()
      .describe('what the files of an Application name at this commit, if that is not the image'),
  })
  .refine(({ station, applications }) => (station === undefined) === (applications === undefined), {
    error: 'must have both station and applications, or neither for a commit that K8sTA did not make',
  });
export type Commit = z.infer<typeof commit>;

/** Reads the commits of a JSON or YAML file. */
export async function readCommits(file: string): Promise<Commit[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputFault(file, undefined, fileReason(error));
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [fault] = document.errors;
  if (fault) throw new InputFault(file, lines.linePos(fault.pos[0]).line, fault.message);
  const read = z.array(commit, { error: 'must be a list of commits' }).safeParse(contentOf(file, document));
  if (read.success) return read.data;
  const [{ path, message } = { path: [], message: 'is not valid' }] = read.error.issues;
  // If the key itself is missing, report the line of its parent.
  const node = [path, path.slice(0, -1), path.slice(0, 1)].map((each) => document.getIn(each, true)).find(hasRange);
  const line = node && lines.linePos(node.range[0]).line;
  throw new InputFault(file, line ?? 1, `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`);
}

function contentOf(file: string, document: Document): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // The parser refuses an excessive number of aliases.
    throw new InputFault(file, undefined, (error as Error).message);
  }
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
