import assert from 'node:assert/strict';
import { scenarios } from '@k8sta/sandbox';
import { killsOf } from './blow.js';
import { planRun } from './plan.js';

describe('a plan', () => {
  const options = { seed: 7, tickets: 200, kills: 30, tracks: 24 };
  const plan = planRun(options);
  const pushes = plan.steps.flatMap((step) => (step.do === 'push' ? step.pushes : []));

  it('is the same for the same seed, and another one for another seed', () => {
    assert.deepEqual(planRun(options), plan);
    assert.notDeepEqual(planRun({ ...options, seed: 8 }).steps, plan.steps);
  });

  it('has as many Tickets and kills as wanted, and repeats some pushes', () => {
    assert.equal(new Set(pushes.map(({ track, tag }) => `${track}:${tag}`)).size, options.tickets);
    assert.ok(pushes.length > options.tickets);
    const kills = plan.steps.map((step) => (step.do === 'blow' ? killsOf(step.blow) : 0));
    assert.equal(
      kills.reduce((sum, each) => sum + each, 0),
      options.kills,
    );
  });

  it('has Tracks of each layout, and every scenario', () => {
    assert.equal(new Set(plan.lines.map(({ hosted }) => hosted.line.layout)).size, 3);
    // A scenario that is only a layout is none of its own.
    const all = scenarios.filter(({ layout }) => !layout).map(({ name }) => name);
    assert.deepEqual(new Set(plan.lines.map(({ scenario }) => scenario.name)), new Set(all));
    assert.ok(plan.lines.some(({ pullRequests }) => pullRequests?.merge === 'byPeople'));
    assert.ok(plan.lines.some(({ hosted }) => Object.keys(hosted.elsewhere ?? {}).length > 0));
  });
});
