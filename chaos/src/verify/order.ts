import type { Evidence } from '../evidence.js';
import { firstTag, repositoryOf } from '../plan/track.js';
import { ourCommits } from './attribution.js';
import { compareTags } from './tags.js';

interface Entered {
  readonly track: string;
  readonly station: string;
  readonly repository: string;
  readonly tag: string;
}

/** Our commits in the order of their branches. */
function commitsOf(evidence: Evidence): Entered[] {
  const tags = new Map(evidence.accepted.map(({ ticket, tag }) => [ticket, tag]));
  return ourCommits(evidence).flatMap(({ repository, ticket, track, station }) => {
    const tag = tags.get(ticket ?? '');
    return track && station && tag ? [{ track, station, repository, tag }] : [];
  });
}

/** A commit of an older Ticket after that of a newer one, for the same Station. */
export function brokenOrder(evidence: Evidence): string[] {
  const newest = new Map<string, string>();
  return commitsOf(evidence).flatMap(({ track, station, repository, tag }) => {
    const place = `${repository} ${track}/${station}`;
    const before = newest.get(place);
    newest.set(place, tag);
    return before !== undefined && compareTags(tag, before) <= 0 ? [`${place}: ${tag} after ${before}`] : [];
  });
}

/** An Application whose files name another tag than the last Ticket that was committed there. */
export function brokenFiles(evidence: Evidence): string[] {
  const commits = commitsOf(evidence);
  return evidence.plan.lines.flatMap((line) =>
    Object.entries(line.hosted.line.stations).flatMap(([station, applications]) =>
      applications.flatMap((application) => {
        const repository = repositoryOf(line, application);
        const last = commits.findLast(
          (each) => each.track === line.name && each.station === station && each.repository === repository,
        );
        const [names, wanted] = [evidence.named[application], last?.tag ?? firstTag];
        return names === wanted ? [] : [`${application} names ${names}, and the last commit is that of ${wanted}`];
      }),
    ),
  );
}
