import { z } from 'zod';
import { announce } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { literalHeader } from './proof.js';
import { pushTime } from './push-time.js';

const account = z.string().regex(/^\d{12}$/, 'must be an AWS account');
const region = z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be an AWS region');

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
const raw = z.object({
  source: z.literal('aws.ecr'),
  'detail-type': z.string(),
  account,
  region,
  time: z.unknown().optional(),
  detail: z.object({
    result: z.string().optional(),
    'action-type': z.string().optional(),
    'repository-name': z.string(),
    'image-tag': z.unknown().optional(),
    'image-digest': z.unknown().optional(),
  }),
});

/** What an input transformer of EventBridge makes of it, in the form that Argo CD Image Updater documents. */
const cloudEvent = z.object({
  specversion: z.string(),
  type: z.string(),
  source: z.string(),
  time: z.unknown().optional(),
  data: z.object({ repositoryName: z.string(), imageTag: z.unknown().optional(), imageDigest: z.unknown().optional() }),
});

/** EventBridge signs nothing: the connection of an API destination adds a header with an API key. */
export const ecr = jsonSender({
  name: 'ecr',
  proof: literalHeader('X-Webhook-Secret'),
  contentTypes: ['application/json', 'application/cloudevents+json'],
  payload: z.union([raw, cloudEvent], 'must be an event of Amazon ECR from EventBridge, or a CloudEvent of one'),
  announced(event, { receivedAt }) {
    const pushedAt = pushTime(event.time, receivedAt);
    if ('specversion' in event) {
      if (event.type !== 'com.amazon.ecr.image.push') return { ignored: 'not the push of an image' };
      const [, , , inRegion, ofAccount] = event.source.split(':');
      const { repositoryName, imageTag: tag, imageDigest: digest } = event.data;
      if (!region.safeParse(inRegion).success || !account.safeParse(ofAccount).success) {
        return [{ fault: 'source: must be "urn:aws:ecr:<region>:<account>:repository/<name>"' }];
      }
      const repository = `${hostOf(String(ofAccount), String(inRegion))}/${repositoryName}`;
      return [announce({ repository, tag, digest, where: 'data.repositoryName' }, pushedAt)];
    }
    const { detail } = event;
    if (event['detail-type'] !== 'ECR Image Action' || detail['action-type'] !== 'PUSH') {
      return { ignored: 'not the push of an image' };
    }
    if (detail.result !== 'SUCCESS') return { ignored: 'a push that did not succeed' };
    const repository = `${hostOf(event.account, event.region)}/${detail['repository-name']}`;
    const where = 'detail.repository-name';
    return [announce({ repository, tag: detail['image-tag'], digest: detail['image-digest'], where }, pushedAt)];
  },
});

/**
 * The domains of the partitions of AWS that have one of their own, by the beginnings of their regions:
 * https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
 */
const domains: readonly [region: string, domain: string][] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
];

function hostOf(ofAccount: string, inRegion: string): string {
  const [, domain = 'amazonaws.com'] = domains.find(([region]) => inRegion.startsWith(region)) ?? [];
  return `${ofAccount}.dkr.ecr.${inRegion}.${domain}`;
}
