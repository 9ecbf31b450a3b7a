import { type Ticket, type TicketState, ticketId } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { tracksOf } from '../tracks.fixture.js';

/** A Track with the check `smoke` of stage before prod. */
export const checkedTracks: readonly Track[] = tracksOf(`
tracks:
- name: storefront
  images: [{repository: acme/storefront}]
  stations:
  - {name: dev, applications: [dev]}
  - {name: stage, applications: [stage]}
  - {name: prod, applications: [prod], gates: {checks: [{name: smoke, of: stage, timeout: 20m}]}}
`);

const at = '2026-05-01T12:00:00.000Z';
const image = { repository: 'docker.io/acme/storefront', tag: '1.4.2' };
export const checkedTicket = ticketId('storefront', image);

/** A Ticket that waits before prod for its check, or is in another state. */
export function ticketIn(state: Partial<TicketState> = {}, arrived: readonly string[] = ['dev', 'stage']): Ticket {
  const waits = { is: 'waiting', at: 'stage', next: 'prod', on: 'gate', reason: 'CheckPending', message: 'waits' };
  return {
    ...{ id: checkedTicket, track: 'storefront', image, sender: 'dockerhub', sequence: 1 },
    ...{ pushedAt: at, receivedAt: at, openedAt: at },
    state: { ...(state.is === undefined && waits), since: at, ...state } as TicketState,
    stations: arrived.map((station) => {
      return { station, attempt: 1, parts: 1, requestedAt: at, commits: [], committedAt: at, arrivedAt: at };
    }),
  };
}
