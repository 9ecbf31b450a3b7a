import { type BusEvent, eventId, ticketId } from '@k8sta/contracts';

export const trackName = (at: number): string => `track-${at}`;

/** A tracks file in which each Track has one Station with one Application. */
export function tracksFile(count: number): string {
  const tracks = Array.from({ length: count }, (_, at) => ({
    name: trackName(at),
    images: [{ repository: `acme/app-${at}` }],
    stations: [{ name: 'dev', applications: [`app-${at}`] }],
  }));
  return JSON.stringify({ tracks });
}

/** An Application as argo-watcher publishes it, at a revision that no other observation has. */
export function observed(at: number, resourceVersion: number): BusEvent {
  const revision = resourceVersion.toString(16).padStart(40, '0');
  const now = new Date().toISOString();
  const data = {
    ...{ instance: 'default', namespace: 'argocd', name: `app-${at}`, uid: `uid-${at}`, project: 'default' },
    ...{ resourceVersion: String(resourceVersion), createdAt: '2026-01-01T00:00:00Z', observedAt: now },
    sources: [
      {
        ...{ repository: 'https://git.example.com/acme/deploy.git', targetRevision: 'main' },
        ...{ path: `apps/app-${at}`, type: 'Kustomize' },
      },
    ],
    ...{ autoSync: true, frozen: false, deleting: false, operationPending: false, errors: [], images: [] },
    sync: { status: 'Synced' as const, revisions: [revision] },
    health: { status: 'Healthy' as const },
    reconciledAt: now,
    operation: { phase: 'Succeeded', startedAt: now, finishedAt: now, revisions: [revision] },
  };
  const id = eventId('application.observed', 'argocd', data.name, data.uid, data.resourceVersion);
  return { type: 'application.observed', id, data };
}

export function heartbeat(): BusEvent {
  const asOf = new Date().toISOString();
  return { type: 'application.current', id: eventId('application.current', asOf), data: { instance: 'default', asOf } };
}

/** A push to a Track; it is newer than every push with a lower number. */
export function opened(at: number, push: number): BusEvent {
  const image = { repository: `docker.io/acme/app-${at}`, tag: `1.0.${push}` };
  const track = trackName(at);
  const ticket = ticketId(track, image);
  const pushedAt = new Date(Date.parse('2026-01-01T00:00:00Z') + push * 1_000).toISOString();
  return {
    ...{ type: 'ticket.opened', id: eventId('ticket.opened', ticket), ticketId: ticket },
    data: { ticket, track, image, sender: 'dockerhub', pushedAt },
  };
}
