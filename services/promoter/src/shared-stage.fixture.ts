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

// Outside of a suite: after all of them.
after(async () => {
  await (await started)?.stage.stop();
});
