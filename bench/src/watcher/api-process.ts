/** The Kubernetes API's stand-in as a process of its own, so that its work is not in the watcher's figures. */
import { type ArgoCd, startArgoCd } from '@k8sta/sandbox';
import { bigApplication, nameOf } from './big-application.js';
import { type Update, update } from './updates.js';

/** What the bench may ask for, and what it gets. */
export interface Orders {
  start: (size: { applications: number; kilobytes: number }) => {
    kubeconfig: string;
    url: string;
    token: string;
    bytes: number;
  };
  /** When the last list was begun, in milliseconds since 1970. */
  listedAt: () => number;
  /** Makes so many updates, in steps between which others get their turn. */
  update: (count: number) => Update[];
  /** Says nothing on the watches, makes the updates, and lets everybody begin a new watch, which has to catch up. */
  updateUnseen: (count: number) => Update[];
  /** When the first watch after that was begun. */
  watchedAt: () => number;
  /** Everyone has lost his place and has to list again. */
  forget: () => null;
}

export type Order = { [Name in keyof Orders]: { name: Name; input: Parameters<Orders[Name]>[0] } }[keyof Orders];

const meaningfulEvery = 10;

let argo: ArgoCd;
let applications = 0;
let round = 0;
let listedAtMs = 0;
let watchedAtMs = 0;

async function obey(order: Order): Promise<unknown> {
  switch (order.name) {
    case 'start':
      return start(order.input);
    case 'listedAt':
      return listedAtMs;
    case 'update':
      return updateSome(order.input);
    case 'updateUnseen': {
      argo.faults.silenceWatches(true);
      const made = await updateSome(order.input);
      argo.faults.silenceWatches(false);
      watchedAtMs = 0;
      argo.faults.closeWatches();
      return made;
    }
    case 'watchedAt':
      return watchedAtMs;
    case 'forget':
      argo.faults.forgetHistory();
      argo.faults.closeWatches();
      return null;
  }
}

async function start(size: { applications: number; kilobytes: number }) {
  applications = size.applications;
  argo = await startArgoCd({ isControlled: false, historySize: 100_000 });
  for (let index = 0; index < applications; index++) {
    argo.createApplication(bigApplication(index, size.kilobytes * 1000));
    if (index % 100 === 0) await turn();
  }
  argo.faults.answer(({ verb, query }) => {
    if (verb === 'list' && !query.has('continue')) listedAtMs = Date.now();
    if (verb === 'watch') watchedAtMs ||= Date.now();
    return undefined;
  });
  const bytes = JSON.stringify(argo.application(nameOf(0))).length;
  return { kubeconfig: argo.kubeconfig, url: argo.url, token: argo.token, bytes };
}

async function updateSome(count: number): Promise<Update[]> {
  const made: Update[] = [];
  while (made.length < count) {
    // One in ten means something, the last one always: whoever hears of it knows that all were read.
    const isMeaningful = made.length % meaningfulEvery === 0 || made.length === count - 1;
    made.push(update(argo, (round * 7) % applications, round, isMeaningful));
    round += 1;
    if (made.length % 20 === 0) await turn();
  }
  return made;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  obey(order).then(
    (output) => process.send?.({ id, output }),
    (error: Error) => process.send?.({ id, error: error.stack }),
  );
});
process.once('disconnect', () => void argo?.stop().finally(() => process.exit()));
