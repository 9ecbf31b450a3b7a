import type { ProposalModel } from '@k8sta/board/browser';
import { Age, At } from './age';
import { duration } from './duration';
import { External } from './external';

interface Commit {
  readonly repository: string;
  readonly branch: string;
  readonly commit?: string;
  readonly revision: string;
  readonly link?: string;
  readonly proposal?: ProposalModel;
  readonly mergedBy?: string;
  readonly applications: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly outcome: string;
    readonly before?: string;
    readonly after?: string;
    readonly message?: string;
    readonly link?: string;
  }[];
}

/** What the Ticket did at one Station. */
export interface StationVisit {
  readonly station: string;
  readonly kind?: string;
  readonly attempt: number;
  readonly requestedAt: string;
  readonly arrivedAt?: string;
  readonly tracks?: readonly { readonly track: string; readonly ticket: string }[];
  readonly commits: readonly Commit[];
}

/** `isOpen`: the Ticket has not ended, so that it may still arrive at the last Station. */
export function Visits({ visits, isOpen }: { visits: readonly StationVisit[]; isOpen: boolean }) {
  if (visits.length === 0) return null;
  return (
    <section aria-labelledby="stations">
      <h2 id="stations">Stations</h2>
      <ol class="visits">
        {visits.map((visit, at) => (
          <Visit
            key={`${visit.station}/${visit.attempt}/${visit.kind}`}
            visit={visit}
            isMoving={isOpen && at === visits.length - 1}
          />
        ))}
      </ol>
    </section>
  );
}

function Visit({ visit, isMoving }: { visit: StationVisit; isMoving: boolean }) {
  const { station, kind, requestedAt, arrivedAt, commits, tracks = [] } = visit;
  return (
    <li class={arrivedAt ? 'good' : isMoving ? 'moving' : 'bad'}>
      <h3>
        {station}
        {kind && <span class="badge bad">{kind}</span>}
      </h3>
      <p class="quiet">
        requested <At at={requestedAt} />,{' '}
        {arrivedAt ? (
          `arrived after ${duration(Date.parse(arrivedAt) - Date.parse(requestedAt))}`
        ) : isMoving ? (
          <>
            on its way for <Age since={requestedAt} />
          </>
        ) : (
          'did not arrive'
        )}
      </p>
      {commits.map((commit) => (
        <CommitOf key={`${commit.repository}${commit.branch}${commit.revision}`} made={commit} />
      ))}
      {tracks.map(({ track, ticket }) => (
        <p key={track}>
          opened <a href={`/tracks/${track}/tickets/${ticket}`}>a Ticket on {track}</a>
        </p>
      ))}
    </li>
  );
}

/** One commit, or the revision that said already what a commit would, and what it did to each Application. */
function CommitOf({ made }: { made: Commit }) {
  const { repository, branch, commit, revision, link, proposal, mergedBy, applications } = made;
  return (
    <div class="commit">
      <External href={link}>
        <code>{(commit ?? revision).slice(0, 8)}</code>
      </External>{' '}
      {commit ? 'on' : 'was already on'} {branch} of {repository}
      {proposal && (
        <>
          {' by '}
          <External href={proposal.link}>pull request {proposal.name}</External>
          {mergedBy && `, merged by ${mergedBy}`}
        </>
      )}
      <ul>
        {applications.map(({ namespace, name, outcome, before, after, message, link: page }) => (
          <li key={`${namespace}/${name}`}>
            <External href={page}>{name}</External> {outcome}
            {before && after && before !== after && (
              <>
                : <code>{before}</code> → <code>{after}</code>
              </>
            )}
            {message && `: ${message}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
