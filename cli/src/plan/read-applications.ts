import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { type Observations, type Observed, project } from '@k8sta/applications';
import { applicationKey } from '@k8sta/contracts';
import { fileReason, sanitizeLine } from '@k8sta/text';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { PlanFault } from './fault.js';

/** What `kubectl get applications -A -o json` prints of ten thousand Applications. */
const mostCharacters = 256 * 1024 * 1024;

const object = z.looseObject({ kind: z.string(), items: z.array(z.unknown()).optional() });
const named = z.object({ metadata: z.object({ namespace: z.string().optional(), name: z.string() }) });

/**
 * Reads Applications as kubectl prints them: a List or a single object, in YAML or JSON, in one document or several.
 * Throws a PlanFault that lists every fault with file and item.
 */
export async function readApplications(files: readonly string[], now: Date): Promise<Observations> {
  const faults: string[] = [];
  const found: { file: string; observed: Observed }[] = [];
  for (const file of files) {
    const read = await objectsIn(file);
    if ('fault' in read) {
      faults.push(`${file}: ${read.fault}`);
      continue;
    }
    const applications = read.objects.flatMap((each, at) => (isApplication(each) ? [{ each, at }] : []));
    if (applications.length === 0) faults.push(`${file}: has no Application; give it what ${kubectl} prints`);
    for (const { each, at } of applications) {
      const read = project(each, { instance: 'default', now });
      if ('slice' in read) found.push({ file, observed: read.slice });
      else faults.push(`${file}: item ${at + 1}${nameOf(each)}: ${read.fault}; give it what ${kubectl} prints`);
    }
  }
  const observations = new Map<string, { file: string; observed: Observed; gone: boolean }>();
  for (const { file, observed } of found) {
    const key = applicationKey(observed);
    const first = observations.get(key);
    if (first) faults.push(`${file}: the Application ${key} is already in ${first.file}`);
    else observations.set(key, { file, observed, gone: false });
  }
  if (faults.length > 0) throw new PlanFault(faults);
  return Object.fromEntries(observations);
}

const kubectl = '`kubectl get applications --all-namespaces --output yaml`';

async function objectsIn(file: string): Promise<{ objects: unknown[] } | { fault: string }> {
  let text: string;
  try {
    text = file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    return { fault: `cannot be read: ${fileReason(error as NodeJS.ErrnoException)}` };
  }
  if (text.length > mostCharacters) return { fault: `has more than ${mostCharacters} characters` };
  const documents = parsed(text);
  if ('fault' in documents) return documents;
  return {
    objects: documents.values.flatMap((value) => {
      const { data } = object.safeParse(value);
      return data?.items ?? [value];
    }),
  };
}

function parsed(text: string): { values: unknown[] } | { fault: string } {
  try {
    // Many times faster than a parser of YAML.
    if (/^\s*\{/.test(text)) return { values: [JSON.parse(text)] };
  } catch {
    // JSON in several documents, or YAML that begins with a brace.
  }
  try {
    const documents = parseAllDocuments(text, { logLevel: 'error' });
    if ('empty' in documents) return { values: [] };
    const [error] = documents.flatMap(({ errors }) => errors);
    if (error) return { fault: `is not valid YAML: ${sanitizeLine(error.message, 200)}` };
    return { values: documents.map((document) => document.toJS()) };
  } catch (error) {
    // An alias bomb, or nesting deeper than the stack.
    return { fault: `cannot be read as YAML: ${sanitizeLine((error as Error).message, 200)}` };
  }
}

/** A list may hold other kinds as well, such as AppProjects. */
function isApplication(value: unknown): boolean {
  return object.safeParse(value).data?.kind === 'Application';
}

function nameOf(value: unknown): string {
  const metadata = named.safeParse(value).data?.metadata;
  if (!metadata) return '';
  const { namespace, name } = metadata;
  return ` (${sanitizeLine(namespace === undefined ? name : `${namespace}/${name}`, 200)})`;
}
