import assert from 'node:assert/strict';
import { showPlan } from './show.js';

describe('a plan for people', () => {
  it('prints what is in the way once for each Application, and nothing that a terminal would obey', () => {
    const applications = [
      { application: 'argocd/a', outcome: 'refused', reason: 'PathMissing', message: 'argocd/a: no "\u001b[31mred"' },
      { application: 'argocd/b', outcome: 'held', message: 'another one is in the way' },
    ] as const;
    const refused = { reason: 'PathMissing', message: 'argocd/a: no', files: [] };
    const other = { station: 'prod', reason: 'ApplicationNotObserved', message: 'argocd/x: unknown', files: [] };
    const held = [{ application: 'argocd/c', outcome: 'held' }] as const;
    const stations = [
      { station: 'dev', applications, ...refused },
      { applications: held, ...other },
    ];
    assert.equal(
      showPlan({
        tracks: [
          { track: 'shop', stations },
          { track: 'old', message: 'old: tag x', stations: [] },
        ],
      }),
      `shop: dev: refused
  argocd/a: refused: PathMissing: no "red"
  argocd/b: held: another one is in the way

shop: prod: refused
  argocd/x: unknown
  argocd/c: held

old: tag x
0 of 2 Stations could be promoted
`,
    );
  });
});
