/** Runs the stand-in for the Kubernetes API in its own process, so that its work is not part of the watcher's figures. */
import { type ArgoCd, startArgoCd } from '@k8sta/sandbox';
import { answerQuestions } from '../child.js';
import { bigApplication, nameOf } from './big-application.js';
import { type Update, update } from './updates.js';

/** What the bench asks of it. */
export interface Orders {
  start(size: { applications: number; kilobytes: number }): Promise<{
    kubeconfig: string;
    url: string;
    token: string;
    bytes: number;
  }>;
  /** When the last list started, in milliseconds since 1970. */
  listedAt(): number;
  /** Makes this many updates and yields to the event loop between them. */
  update(count: number): Promise<Update[]>;
  /** Silences the watches, makes the updates, and closes the watches, so that each client starts a new watch and catches up. */
  updateUnseen(count: number): Promise<Update[]>;
  /** When the first watch after that started. */
  watchedAt(): number;
  /** Expires every resourceVersion, so that each client has to list again. */
  forget(): void;
}

const meaningfulEvery = 10;

let argo: ArgoCd;
let applications = 0;
let round = 0;
let listedAtMs = 0;
let watchedAtMs = 0;

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

answerQuestions<Orders>(
  {
    start,
    listedAt: () => listedAtMs,
    update: updateSome,
    async updateUnseen(count) {
      argo.faults.silenceWatches(true);
      const made = await updateSome(count);
      argo.faults.silenceWatches(false);
      watchedAtMs = 0;
      argo.faults.closeWatches();
      return made;
    },
    watchedAt: () => watchedAtMs,
    forget() {
      argo.faults.forgetHistory();
      argo.faults.closeWatches();
    },
  },
  async () => argo?.stop(),
);
