import assert from 'node:assert/strict';
import { type AnyUnwrapped, openTap, type Tap } from '@k8sta/bus';
import { until } from '@k8sta/sandbox';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

type Findings = Extract<AnyUnwrapped, { type: 'track.checked' }>['data']['findings'];

describe('a Track is checked before a train gets stuck on it', () => {
  let railway: TestSystem;
  let tap: Tap;
  let findings: Findings | undefined;

  before(async () => {
    railway = await sharedSystem('plain');
    tap = await openTap(railway.nats.as('tap'));
    await tap.newest('K8STA_APPLICATIONS', ({ type, data }) => {
      if (type === 'track.checked') findings = data.findings;
    });
  });
  after(async () => {
    await tap?.close();
  });

  const found = (reason: string) => findings?.find((each) => each.reason === reason);
  const samples = async () => (await fetch(`${railway.services.tracker.statusUrl}/metrics`)).text();

  it('auto-sync that is switched off, until it is on again', async () => {
    railway.argo.setScenario('storefront-stage-us', { kind: 'autoSyncOff' });
    await until(() => found('AutoSyncOff'), { what: 'the finding' });
    assert.deepEqual(findings?.[0]?.application, { namespace: 'argocd', name: 'storefront-stage-us' });
    assert.match(await samples(), /k8sta_tracker_findings\{track="storefront",reason="AutoSyncOff"\} 1/);
    railway.argo.setScenario('storefront-stage-us', { kind: 'healthy' });
    await until(() => findings?.length === 0, { what: 'nothing being found any more' });
  });

  it('a file that another Station reads holds the Station, and nothing is committed', async () => {
    railway.argo.changeApplication('storefront-prod', ({ spec }) => {
      spec.source.path = 'apps/storefront-dev';
    });
    await until(() => found('SharedFile')?.holds, { what: 'the finding' });
    const ticket = await railway.pushUntilAccepted('7.0.1');
    const waiting = await railway.tap.find('ticket.waiting', ({ data }) => data.ticket === ticket);
    assert.match(waiting.data.message, /cannot enter dev: .*apps\/storefront-dev/);
    railway.argo.changeApplication('storefront-prod', ({ spec }) => {
      spec.source.path = 'apps/storefront-prod';
    });
    await railway.tap.completed(ticket);
  });

  it('an image that the Application sets itself holds the Station, until it is removed', async () => {
    const image = 'acme/storefront:7.0.1';
    railway.argo.changeApplication('storefront-dev', ({ spec }) => {
      Object.assign(spec.source, { kustomize: { images: [image] } });
    });
    await until(() => found('OverriddenInApplication')?.holds, { what: 'the finding' });
    const ticket = await railway.pushUntilAccepted('7.0.2');
    const waiting = await railway.tap.find('ticket.waiting', ({ data }) => data.ticket === ticket);
    assert.match(
      waiting.data.message,
      /cannot enter dev: .*kustomize.images of its source has "acme\/storefront:7.0.1"/,
    );
    railway.argo.changeApplication('storefront-dev', ({ spec }) => {
      Object.assign(spec.source, { kustomize: undefined });
    });
    await railway.tap.completed(ticket);
  });
});
