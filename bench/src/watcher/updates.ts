import type { Application, ArgoCd } from '@k8sta/sandbox';
import { isSyncing, nameOf, sha, syncing } from './big-application.js';

/** An update, and whether it can change a decision. */
export interface Update {
  /** `name/resourceVersion`. */
  readonly id: string;
  readonly isMeaningful: boolean;
}

type Change = (application: Application, round: number) => void;

const reconciled: Change = ({ status }, round) => {
  if (status) status.reconciledAt = new Date(Date.parse('2026-03-01T12:10:00Z') + round * 1000).toISOString();
};

/** Updates that Argo CD writes all the time: for every reconcile, for every pod that starts or stops, for every hook. */
const meaningless: readonly Change[] = [
  reconciled,
  reconciled,
  reconciled,
  ({ status }, round) => {
    const resource = status?.resources?.[round % (status.resources.length || 1)];
    if (resource) resource.health = { status: resource.health?.status === 'Healthy' ? 'Progressing' : 'Healthy' };
  },
  ({ status }, round) => {
    const resource = status?.operationState?.syncResult?.resources?.[0];
    if (resource) resource.message = `deployment.apps/web configured, ${round} of the pods are new`;
  },
  ({ status }, round) => {
    const lastTransitionTime = new Date(Date.parse('2026-03-01T12:00:00Z') + round * 1000).toISOString();
    const message = 'Deployment/web is part of two applications';
    if (status) status.conditions = [{ type: 'SharedResourceWarning', message, lastTransitionTime }];
  },
  ({ metadata }, round) => {
    const asked = metadata.annotations?.['argocd.argoproj.io/refresh'];
    metadata.annotations = asked ? {} : { 'argocd.argoproj.io/refresh': 'normal', 'example.com/round': `${round}` };
  },
];

const meaningful: readonly Change[] = [
  ({ status }) => {
    if (status?.health) status.health = { status: status.health.status === 'Healthy' ? 'Degraded' : 'Healthy' };
  },
  ({ status }, round) => {
    if (status?.sync) status.sync.revision = sha(1_000_000 + round);
  },
];

/** Makes one update; `round` counts all updates, so that each differs from the earlier ones. */
export function update(argo: ArgoCd, index: number, round: number, isMeaningful: boolean): Update {
  const name = nameOf(index);
  const changes = isMeaningful ? meaningful : meaningless;
  const change = isSyncing(index) && !isMeaningful ? progressed : changes[Math.floor(round / 7) % changes.length];
  argo.changeApplication(name, (application) => change?.(application, round));
  return { id: `${name}/${argo.application(name)?.metadata.resourceVersion}`, isMeaningful };
}

const progressed: Change = ({ status }, round) => {
  if (status?.operationState) Object.assign(status.operationState, syncing(40 + round));
};
