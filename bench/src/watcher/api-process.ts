/** Runs the stand-in for the Kubernetes API in its own process, so that its work is not part of the watcher's figures. */
import { type ArgoCd, startArgoCd } from '@k8sta/sandbox';
import { bigApplication, nameOf } from './big-application.js';
import { type Update, update } from './updates.js';

/** The requests of the bench and their answers. */
export interface Orders {
  start: (size: { applications: number; kilobytes: number }) => {
    kubeconfig: string;
    url: string;
    token: string;
    bytes: number;
  };
  /** When the last list started, in milliseconds since 1970. */
  listedAt: () => number;
  /** Makes this many updates and yields to the event loop between them. */
  update: (count: number) => Update[];
  /** Silences the watches, makes the updates, and closes the watches, so that each client starts a new watch and catches up. */
  updateUnseen: (count: number) => Update[];
  /** When the first watch after that started. */
  watchedAt: () => number;
  /** Expires every resourceVersion, so that each client has to list again. */
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
    // One update in ten is meaningful, and so is the last: a listener that receives it knows that all were read.
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
