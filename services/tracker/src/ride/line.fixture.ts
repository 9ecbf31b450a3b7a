import type { Station, Track } from '@k8sta/tracks';
import { anApplication, aTrack, sha, TestTrack } from './ride.fixture.js';

export const old = sha('0');

/** A Track of three Stations, the middle one with two Applications, whose Applications have all been seen. */
export function aLine(): TestTrack {
  const line = new TestTrack(aTrack({ dev: ['dev'], stage: ['stage-eu', 'stage-us'], prod: ['prod'] }));
  line.observe(...['dev', 'stage-eu', 'stage-us', 'prod'].map((name) => anApplication(name, old)));
  line.current();
  return line;
}

type Change = Partial<Omit<Station, 'gates'>> & { gates?: Partial<Station['gates']> };

/** A Track that compares versions, of Stations with one Application of the same name, which have all been seen. */
export function aLineOf(stations: Record<string, Change>, change: Partial<Track> = {}): TestTrack {
  const line = new TestTrack(withStations(stations, change));
  for (const { name } of line.track.stations.flatMap(({ applications }) => applications)) {
    const path = { targetRevision: 'main', path: `apps/${name}` };
    line.observe(anApplication(name, old, { sources: [{ repository: `https://git.test/acme/${name}.git`, ...path }] }));
  }
  line.current();
  return line;
}

/** Two Applications of one Station; each is in a repository of its own, so that the Station has two parts. */
export const twoParts = { applications: ['a', 'b'].map((name) => ({ namespace: 'argocd', name })) };

export function withStations(stations: Record<string, Change>, change: Partial<Track> = {}): Track {
  const track = aTrack(Object.fromEntries(Object.keys(stations).map((name) => [name, [name]])));
  const changed = track.stations.map((station) => {
    const { gates, ...more } = stations[station.name] ?? {};
    const applications = more.tracks ? { applications: [] } : {};
    return { ...station, ...applications, ...more, gates: { ...station.gates, ...gates } };
  });
  return { ...track, order: 'semver', stations: changed, ...change };
}

/** An observation of now at this revision; the Application reads what it has read before. */
export function seen(
  line: TestTrack,
  name: string,
  revision: string,
  change: Parameters<typeof anApplication>[2] = {},
) {
  const { sources } = line.state.observations[`argocd/${name}`]?.observed ?? {};
  const now = { observedAt: line.now.toISOString() };
  return anApplication(name, revision, { ...now, ...(sources && { sources }), ...change });
}

/** Argo CD has synced the commit and the promoter says that it has. */
export function arrive(line: TestTrack, tag: string, applications: string[], commit: string) {
  return applications.flatMap((name) => [
    ...line.observe(seen(line, name, commit)),
    ...line.answer(tag, name, commit, { relation: 'same', namesImage: true }),
  ]);
}

let commits = 0;

/** A commit id that no other has. */
export function aCommit(): string {
  commits += 1;
  return commits.toString(16).padStart(40, '0');
}

/** The promoter commits what the Ticket has requested, and Argo CD deploys it. */
export function ride(line: TestTrack, tag: string) {
  const commit = aCommit();
  const { parts } = line.promotion(tag);
  const names = parts.flatMap(({ request }) => request.applications.map(({ name }) => name));
  line.currentAsOf = { default: line.now.toISOString() };
  return [
    ...parts.flatMap(({ request }) => line.commit(tag, commit, request.part)),
    ...arrive(line, tag, names, commit),
  ];
}

/** Argo CD does not look at the commit of the Ticket until the deadline is over. */
export function missDeadline(line: TestTrack, tag: string) {
  for (const { request } of line.promotion(tag).parts) {
    for (const { namespace, name } of request.applications) {
      const revision = line.state.observations[`${namespace}/${name}`]?.observed.sync.revisions[0] ?? old;
      line.answer(tag, name, revision, { relation: 'behind' });
    }
  }
  return line.later(1_800_000).current();
}

/** The Application is observed with this health, at the commit of the Ticket. */
export function turns(line: TestTrack, name: string, status: string, change = {}) {
  const known = line.state.observations[`argocd/${name}`]?.observed;
  const revision = known?.sync.revisions[0] ?? old;
  const health = { status, message: 'crash loop' };
  return line.observe(seen(line, name, revision, { health, ...change }));
}
