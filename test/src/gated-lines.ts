import { type Line, railwayOf, storefront } from '@k8sta/sandbox';

/** A person approves it before prod. */
export const approved: Line = {
  ...storefront,
  keys: { prod: 'gates: {approval: {count: 1, by: [alice@example.com]}}' },
};

/** A check from outside opens prod. */
export const checked: Line = {
  track: 'cart',
  image: 'acme/cart',
  tag: '1.4.1',
  stations: { dev: ['cart-dev'], stage: ['cart-stage'], prod: ['cart-prod'] },
  keys: { prod: 'gates: {checks: [{name: smoke, of: stage, timeout: 2m}]}' },
};

/** The image of GitHub's own example of a webhook. */
export const onGhcr: Line = {
  track: 'ghcr',
  image: 'ghcr.io/acme/storefront',
  tag: '1.4.1',
  stations: { dev: ['ghcr-dev'], stage: ['ghcr-stage'], prod: ['ghcr-prod'] },
};

/** Three Tracks that commit to one branch. The deadline leaves time for a person. */
export const gatedLines = railwayOf(
  [approved, checked, onGhcr].map((line) => ({ line, repository: 'deploy' })),
  '60s',
);
