import type { Repository } from '@k8sta/sandbox';
import { type Replica, Stage } from './promoter.fixture.js';

interface Shared {
  readonly stage: Stage;
  readonly replica: Replica;
}

let started: Promise<Shared> | undefined;

/** One stage and one promoter for the suites of a mocha process, each test with a repository of its own. */
export function sharedStage(): Promise<Shared> {
  started ??= Stage.start().then((stage) => ({ stage, replica: stage.replica() }));
  return started;
}

/** Before each test of the suite: the stage as at its start, and a repository that no other test has. */
export function repositoryForEach(use: (next: Shared & { readonly repository: Repository }) => void): void {
  let shared: Shared;
  before(async () => {
    shared = await sharedStage();
  });
  beforeEach(async () => {
    shared.stage.reset();
    use({ ...shared, repository: await shared.stage.repository() });
  });
}

// Outside of a suite: after all of them.
after(async () => {
  await (await started)?.stage.stop();
});
