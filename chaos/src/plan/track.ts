import { type HostedLine, type NamedScenario, scenarios } from '@k8sta/sandbox';
import type { Draw } from '../draw.js';
import { type PlannedPullRequests, planPullRequests, writeKey } from './pull-requests.js';

/** A Track, and how Argo CD behaves at one of its Applications in the whole run. */
export interface PlannedTrack {
  readonly name: string;
  readonly hosted: HostedLine;
  readonly scenario: NamedScenario;
  /** Where the scenario is. */
  readonly at: { readonly station: string; readonly application: string };
  readonly pullRequests?: PlannedPullRequests;
}

const layouts = ['kustomize', 'helm', 'manifests'] as const;

export const firstTag = '1.0.0';

/** Longer than an outage under load: only the scenario below waits for its deadline. */
export const patientDeadline = '20m';

/** A Ticket whose commit Argo CD cannot render fails at its deadline, and not before. */
const deadlineOfUnrenderable = '20s';

/** Other scenarios than `healthy`, in an order that the seed decides, so that few Tracks cover others with other seeds. */
export function planTracks(draw: Draw, count: number): PlannedTrack[] {
  const others = draw.shuffled(scenarios.filter(({ name, layout }) => name !== 'healthy' && !layout));
  const [healthy] = scenarios;
  if (!healthy) throw new Error('the sandbox has no scenarios');
  const repositories = Math.max(1, Math.ceil(count / 4));
  return Array.from({ length: count }, (_, index) => {
    // The first of each layout is healthy.
    const scenario = index < layouts.length ? healthy : (others[(index - layouts.length) % others.length] ?? healthy);
    return planTrack(draw, { index, repositories, scenario });
  });
}

function planTrack(
  draw: Draw,
  { index, repositories, scenario }: { index: number; repositories: number; scenario: NamedScenario },
): PlannedTrack {
  const name = `web-${index}`;
  const names = ['dev', 'stage', 'prod'].slice(0, draw.whole(2, 3));
  const stations = Object.fromEntries(
    names.map((station) => [
      station,
      draw.oneIn(3) ? [`${name}-${station}-eu`, `${name}-${station}-us`] : [`${name}-${station}`],
    ]),
  );
  const [station, applications] = draw.from(Object.entries(stations) as [[string, string[]], ...[string, string[]][]]);
  const application = draw.from(applications as [string, ...string[]]);
  const repository = draw.whole(0, repositories - 1);
  // Two Applications of one Station in two repositories: a promotion of two parts.
  const elsewhere = Object.values(stations)
    .flatMap(([, second]) => second ?? [])
    .filter(() => repositories > 1 && draw.oneIn(2));
  const pullRequests = index === 0 || draw.oneIn(4) ? planPullRequests(draw, names[names.length - 1] ?? '') : undefined;
  const keys = {
    ...(draw.oneIn(3) && { [names[0] ?? '']: 'soak: 1s' }),
    ...(pullRequests && { [pullRequests.station]: writeKey(pullRequests) }),
  };
  const line = {
    ...{
      track: name,
      image: `acme/${name}`,
      tag: firstTag,
      stations,
      layout: layouts[index % layouts.length] ?? 'helm',
    },
    ...(draw.oneIn(3) && { order: 'push' as const }),
    keys,
    ...(scenario.scenario.kind === 'comparisonError' &&
      scenario.ends === 'failed' && { deadlines: { [station]: deadlineOfUnrenderable } }),
  };
  return {
    name,
    hosted: {
      line,
      repository: `deploy-${repository}`,
      elsewhere: Object.fromEntries(elsewhere.map((each) => [each, `deploy-${(repository + 1) % repositories}`])),
    },
    scenario,
    at: { station, application },
    ...(pullRequests && { pullRequests }),
  };
}

export function repositoryOf({ hosted }: PlannedTrack, application: string): string {
  return hosted.elsewhere?.[application] ?? hosted.repository;
}

/** The file that names the image of an Application, and the tag in its text. */
export function imageFileOf({ hosted: { line } }: PlannedTrack, application: string): { path: string; tag: RegExp } {
  switch (line.layout) {
    case 'helm':
      return { path: `env/${application}.yaml`, tag: /^ {2}tag: (\S+)/m };
    case 'manifests':
      return { path: `apps/${application}/deployment.yaml`, tag: /image: "[^":]+:([^"]+)"/ };
    default:
      return { path: `apps/${application}/kustomization.yaml`, tag: /newTag: "([^"]+)"/ };
  }
}
