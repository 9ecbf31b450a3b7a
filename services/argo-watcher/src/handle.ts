import { type Bus, done, later, type Outcome, type Received } from '@k8sta/bus';
import type { ApplicationRef } from '@k8sta/contracts';
import type { Refresher } from './refresh.js';
import type { Watcher } from './watcher.js';

export interface HandlerOptions {
  readonly bus: Pick<Bus, 'consume'>;
  readonly instance: string;
  readonly watcher: Pick<Watcher, 'knows' | 'isListed'>;
  /** Undefined if refreshes are off: the messages are acknowledged and have no effect. */
  readonly refresher: Pick<Refresher, 'refresh'> | undefined;
  readonly now: () => Date;
}

/** By then Argo CD has polled by itself at least twice. */
const tooLateMs = 10 * 60 * 1000;

/** Asks Argo CD for a refresh after each commit, and where the tracker finds that Argo CD is behind. */
export async function handle({ bus, instance, watcher, refresher, now }: HandlerOptions): Promise<void> {
  const refreshAll = async ({ time }: { time: Date }, applications: readonly ApplicationRef[]): Promise<Outcome> => {
    if (!refresher || now().getTime() - time.getTime() > tooLateMs) return done;
    // A commit does not say which Argo CD it is for, so the Applications of other instances are filtered out.
    if (!watcher.isListed) return later(1_000, 'the first list of Applications is not done');
    const ours = applications.filter((application) => watcher.knows(application));
    const outcomes = await Promise.all(ours.map((application) => refresher.refresh(application)));
    const delayed = outcomes.find((outcome) => outcome.is === 'later');
    return delayed ? later(delayed.delayMs, delayed.because) : done;
  };
  await bus.consume('promotion.committed', (event: Received<'promotion.committed'>) =>
    refreshAll(
      event,
      event.data.applications.filter(({ outcome }) => outcome !== 'skipped'),
    ),
  );
  await bus.consume('application.refresh', (event: Received<'application.refresh'>) =>
    refreshAll(event, event.data.instance === instance ? [event.data] : []),
  );
}
