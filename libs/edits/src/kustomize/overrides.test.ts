import assert from 'node:assert/strict';
import type { ImageOverride } from '@k8sta/contracts';
import { base, overlay, shop, uses } from './rendering.fixture.js';

describe('an override of the Application', () => {
  const files = { ...base(`${shop}:1`), 'prod/kustomization.yaml': overlay };
  const wins = async (value: string, kind: ImageOverride['kind'] = 'kustomizeImages') =>
    (await uses(files, [{ kind, value }])).slice(0, 1).find((each) => each.includes('OverriddenInApplication'));

  it('decides the image that it names, however the image is spelled', async () => {
    assert.equal(
      await wins(`${shop}:5`),
      `${shop}:5 <- OverriddenInApplication: kustomize.images of its source has "${shop}:5", which wins over the file: remove it from the Application`,
    );
    for (const value of ['GHCR.io/acme/shop:1', `x=${shop}@sha256:0`, `${shop}=other:1`])
      assert.ok(await wins(value), value);
  });

  it('leaves another image to the files', async () => {
    for (const value of ['ghcr.io/acme/shop-two:1', '=', '']) assert.ok(!(await wins(value)), value);
    assert.ok(!(await wins(`${shop}:1`, 'helmParameters')));
  });
});
