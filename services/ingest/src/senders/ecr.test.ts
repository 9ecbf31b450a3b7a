import assert from 'node:assert/strict';
import { ecr } from './ecr.js';
import { digest, fixture, pushedAt, readerOf } from './sender.fixture.js';

const { images, ignored, refused, understood } = readerOf(ecr);
const image = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/storefront:1.4.2@${digest}`;

describe('Amazon ECR', () => {
  it('reads the events of EventBridge, raw and as CloudEvents', () => {
    for (const name of ['push', 'cloudevent']) {
      assert.deepEqual(images(name), [image]);
      assert.deepEqual(understood(name).pushes[0]?.pushedAt, pushedAt, name);
    }
  });

  for (const [region, suffix] of [
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-north-1', 'amazonaws.com.cn'],
    ['us-iso-east-1', 'c2s.ic.gov'],
    ['us-isob-east-1', 'sc2s.sgov.gov'],
    ['eu-isoe-west-1', 'cloud.adc-e.uk'],
    ['us-isof-south-1', 'csp.hci.ic.gov'],
    ['eusc-de-east-1', 'amazonaws.eu'],
  ] as const) {
    it(`knows the host of ${region}`, () => {
      const { json } = fixture('ecr', 'push');
      const host = `123456789012.dkr.ecr.${region}.${suffix}`;
      assert.deepEqual(images({ json: { ...json, region } }), [`${host}/acme/storefront:1.4.2@${digest}`]);
    });
  }

  it('ignores deletions, failures, other events and manifests without a tag', () => {
    const { json } = fixture('ecr', 'push');
    assert.equal(ignored('delete'), 'not the push of an image');
    assert.equal(ignored('push-without-tag'), 'a manifest without a tag');
    assert.equal(ignored({ json: { ...json, 'detail-type': 'ECR Image Scan' } }), 'not the push of an image');
    const failed = { ...json, detail: { ...json.detail, result: 'FAILURE' } };
    assert.equal(ignored({ json: failed }), 'a push that did not succeed');
    const { json: cloudEvent } = fixture('ecr', 'cloudevent');
    assert.equal(ignored({ json: { ...cloudEvent, type: 'com.amazon.ecr.image.delete' } }), 'not the push of an image');
  });

  it('takes no other host than one of Amazon', () => {
    const { json } = fixture('ecr', 'push');
    const { json: cloudEvent } = fixture('ecr', 'cloudevent');
    for (const change of [{ account: 'evil.example.com/' }, { region: 'eu-central-1.evil' }, { source: 'aws.ec2' }]) {
      assert.match(refused({ json: { ...json, ...change } }), /^invalid: /);
    }
    for (const source of ['', 'urn:aws:ecr:x:y:z', 'urn:aws:ecr:eu-central-1:evil.example.com']) {
      assert.match(refused({ json: { ...cloudEvent, source } }), /^invalid: source: must be "urn:aws:ecr:/);
    }
    const elsewhere = { ...json.detail, 'repository-name': '../x' };
    assert.match(refused({ json: { ...json, detail: elsewhere } }), /^invalid: detail.repository-name: /);
  });
});
