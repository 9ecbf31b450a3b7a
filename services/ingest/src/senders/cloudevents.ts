import { z } from 'zod';
import { announce } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { type Headers, literalHeader } from './proof.js';
import { pushTime } from './push-time.js';

/** https://cdevents.dev/docs/artifact/#artifact-published */
const cdEvent = z.object({
  context: z.object({ type: z.string(), timestamp: z.unknown().optional() }),
  subject: z.object({ id: z.string() }),
});

const cloudEvent = z.object({ type: z.string(), time: z.unknown().optional(), data: z.unknown().optional() });

/** The version at its end changes: "dev.cdevents.artifact.published.0.2.0". */
const artifactPublished = 'dev.cdevents.artifact.published.';

/**
 * CDEvents by the HTTP binding of CloudEvents: in structured mode, or in binary mode, where the attributes are headers.
 * CloudEvents defines no proof of the sender: a header with a secret is one.
 */
export const cloudEvents = jsonSender({
  name: 'cloudevents',
  proof: literalHeader('Authorization'),
  contentTypes: ['application/cloudevents+json', 'application/json'],
  payload: cloudEvent,
  unwrap: structured,
  announced({ type, time, data }, { receivedAt }) {
    if (!type.startsWith(artifactPublished)) return { ignored: 'not the CDEvent artifact.published' };
    const parsed = cdEvent.safeParse(data);
    if (!parsed.success) return [{ fault: 'data needs "context" and "subject.id", as a CDEvent has them' }];
    const { context, subject } = parsed.data;
    const image = imageOf(subject.id);
    if (!image) return { ignored: 'the artifact is not an image: "subject.id" must begin with "pkg:oci/"' };
    return [
      announce({ ...image, where: 'repository_url in subject.id' }, pushTime(context.timestamp ?? time, receivedAt)),
    ];
  },
});

/** The event in structured mode. A body without `specversion` is the data of one in binary mode. */
function structured(json: unknown, headers: Headers): unknown {
  if (json === null || typeof json !== 'object' || 'specversion' in json) return json;
  const type = headers['ce-type'];
  return type === undefined ? json : { specversion: '1.0', type, time: headers['ce-time'], data: json };
}

/** The image that a package URL names: https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md */
function imageOf(
  purl: string,
): { repository: string; tag: string | undefined; digest: string | undefined } | undefined {
  if (purl.length > 2_000 || !purl.startsWith('pkg:oci/') || !URL.canParse(purl)) return undefined;
  const { pathname, searchParams } = new URL(purl);
  const [, version] = pathname.split('@');
  return {
    repository: searchParams.get('repository_url') ?? '',
    tag: searchParams.get('tag') ?? undefined,
    digest: version?.replace(/%3A/i, ':'),
  };
}
