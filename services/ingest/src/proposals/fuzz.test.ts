import assert from 'node:assert/strict';
import { proposalChanged } from '@k8sta/contracts';
import fc from 'fast-check';
import { type Edit, edit, edits } from '../senders/webhook.fixture.js';
import { forges } from './forges.js';
import { hintOf } from './hint.js';
import { judgeMention } from './judge-mention.js';
import { forgeFixture, forgeFixturesOf, proposingTracks } from './proposal.fixture.js';

const fixtures = forges.flatMap((forge) =>
  forgeFixturesOf(forge.name).map((name) => {
    const { headers, bytes } = forgeFixture(forge.name, name);
    return { forge, headers, json: JSON.parse(bytes.toString()) as unknown };
  }),
);
const at = { receivedAt: new Date(0), traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };

type Posted = (typeof fixtures)[number];

/** What became of the webhook: each mention, or why there is none. */
function outcomesOf({ forge, headers, json }: Posted): string[] {
  const heard = forge.read(headers, Buffer.from(JSON.stringify(json) ?? ''));
  if (!('mentions' in heard)) return ['refusal' in heard ? 'refused' : 'ignored'];
  assert.ok(heard.mentions.length <= 10, 'the mentions are not bounded');
  return heard.mentions.map((mention) => {
    const proposal = judgeMention(proposingTracks, mention);
    if ('notOurs' in proposal) {
      assert.ok(proposal.message.length < 300, 'the message is not bounded');
      return 'not ours';
    }
    const { data } = hintOf({ ...at, provider: forge.name, proposal, mention, hash: heard.hash });
    assert.deepEqual(proposalChanged.schema.parse(data), data);
    assert.deepEqual([data.track, data.station], ['storefront', 'prod']);
    return 'ours';
  });
}

describe('whatever a forge posts', () => {
  it('makes nothing throw, and becomes only valid events about Stations that are written by pull request', () => {
    const seen = new Set<string>();
    const any = fc.record({ posted: fc.constantFrom(...fixtures), edits, as: fc.constantFrom(...forges, undefined) });
    const property = fc.property(any, ({ posted, edits: all, as = posted.forge }) => {
      const json = all.reduce((each: unknown, one: Edit) => edit(each, one), structuredClone(posted.json));
      for (const outcome of outcomesOf({ ...posted, forge: as, json })) seen.add(outcome);
    });
    fc.assert(property, { numRuns: 1_500 });
    assert.deepEqual([...seen].sort(), ['ignored', 'not ours', 'ours', 'refused']);
  }).timeout(60_000);
});
