import { scenarios } from '@k8sta/sandbox';
import type { Branch, Evidence, Happened } from '../evidence.js';
import type { PlannedTrack } from '../plan/track.js';

export function sha(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(40, '0');
}

/** A Track with the Stations dev and prod, and a scenario at prod. */
function aTrack(name: string, scenario = 'healthy'): PlannedTrack {
  const named = scenarios.find((each) => each.name === scenario);
  if (!named) throw new Error(`no such scenario: ${scenario}`);
  const stations = { dev: [`${name}-dev`], prod: [`${name}-prod`] };
  return {
    name,
    hosted: { line: { track: name, image: `acme/${name}`, tag: '1.0.0', stations }, repository: 'deploy-0' },
    scenario: named,
    at: { station: 'prod', application: `${name}-prod` },
  };
}

const head = (track: string, tag: string) => ({ ticket: `${track}-${tag}`, track, tag });

/** The events of a Ticket that has entered these Stations, and arrived at each, but not at the one where it fails. */
export function ride(track: string, tag: string, stations: readonly string[], end: Partial<Happened>): Happened[] {
  const of = head(track, tag);
  return [
    { type: 'ticket.opened', ...of },
    ...stations.flatMap((station): Happened[] => {
      const part = `${of.ticket}/${station}/1/0`;
      return [
        { type: 'promotion.requested', ...of, station, part },
        { type: 'promotion.committed', ...of, station, part, commit: sha(part) },
        ...(end.station === station ? [] : [{ type: 'ticket.arrived', ...of, station }]),
      ];
    }),
    { type: 'ticket.completed', ...of, ...end },
  ];
}

/** The commits that the events speak of, in their order, on the branch of one repository. */
export function branchOf(history: readonly Happened[]): Branch {
  const shas = history.flatMap(({ commit }) => commit ?? []);
  const ours = history.filter(({ commit }) => commit !== undefined);
  const commits = ours.map(({ ticket, track, station = '', part = '', commit = '' }, index) => ({
    sha: commit,
    parents: [shas[index - 1] ?? sha('first')],
    trailers: { 'K8sTA-Ticket': ticket, 'K8sTA-Track': track, 'K8sTA-Station': station, 'K8sTA-Promotion': part },
  }));
  return {
    repository: 'deploy-0',
    commits: [{ sha: sha('first'), parents: [], trailers: {} }, ...commits],
    seen: [sha('first'), ...shas],
  };
}

/**
 * A run in which every promise held: two Tickets of `web-0`, of which the first was superseded at prod, and one of `web-1`,
 * which failed there as planned.
 */
export function goodEvidence(): Evidence {
  const history = [
    ...ride('web-0', '1.1.0', ['dev'], { type: 'ticket.superseded', by: 'web-0-1.2.0', reason: 'NewerTicket' }),
    ...ride('web-0', '1.2.0', ['dev', 'prod'], {}),
    ...ride('web-1', '1.1.0', ['dev', 'prod'], {
      ...{ type: 'ticket.failed', station: 'prod', reason: 'Degraded' },
      message: 'argocd/web-1-prod: Degraded: Caused by apps/Deployment: web',
    }),
  ];
  const pushes = [
    { track: 'web-0', tag: '1.1.0', number: 0 },
    { track: 'web-0', tag: '1.2.0', number: 1 },
    { track: 'web-1', tag: '1.1.0', number: 0 },
  ];
  return {
    plan: {
      ...{
        seed: 1,
        tickets: 3,
        kills: 0,
        tracks: 2,
        forge: 'github',
        behind: 'tracker',
        lines: [aTrack('web-0'), aTrack('web-1', 'degraded')],
      },
      steps: [{ afterEvents: 0, do: 'push', pushes }],
    },
    kills: 0,
    accepted: pushes.map(({ track, tag }) => ({ track, tag, ticket: `${track}-${tag}` })),
    history,
    branches: [branchOf(history)],
    pullRequests: [],
    named: { 'web-0-dev': '1.2.0', 'web-0-prod': '1.2.0', 'web-1-dev': '1.1.0', 'web-1-prod': '1.1.0' },
    ...{ live: [], deadLetters: [], durables: [], refusals: [], crashes: [], failedStarts: [] },
    memory: [{ replica: 'tracker/0', mib: 100, limitMib: 768 }],
  };
}
