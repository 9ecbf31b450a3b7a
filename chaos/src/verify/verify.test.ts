import assert from 'node:assert/strict';
import type { Branch, Evidence, Happened, PullRequest } from '../evidence.js';
import { promises } from './breach.js';
import { branchOf, goodEvidence, ride, sha } from './evidence.fixture.js';
import { verify } from './verify.js';

const good = goodEvidence();
const [branch] = good.branches as [Branch];

/** Changes the events of one type of one Ticket. */
function withEvents(type: string, ticket: string, change: (event: Happened) => Happened[]): Evidence {
  const history = good.history.flatMap((event) =>
    event.type === type && event.ticket === ticket ? change(event) : [event],
  );
  return { ...good, history };
}

function withBranch(change: Partial<Branch>): Evidence {
  return { ...good, branches: [{ ...branch, ...change }] };
}

const last = branch.commits.at(-1);

const [superseded] = good.history.filter(({ type }) => type === 'ticket.superseded') as [Happened];

/** The commits of the two Tickets at dev of `web-0`, in the wrong order. */
function swapped(): Branch['commits'] {
  const [older, newer] = branch.commits.filter(({ trailers }) => trailers['K8sTA-Station'] === 'dev');
  const commits = branch.commits.map((each) => (each === older ? newer : each === newer ? older : each) ?? each);
  return commits.map((each, index) => ({ ...each, parents: index === 0 ? [] : [commits[index - 1]?.sha ?? ''] }));
}

/** The last commit, which is that of `web-1` at prod, as the merge of a pull request. */
function merged(change: Partial<PullRequest> = {}): Evidence {
  const merge = last?.sha ?? '';
  const pull = { ...{ repository: 'deploy-0', number: 1, part: 'web-1-1.1.0/prod/1/0' }, ...change };
  const commits = branch.commits.map((each) =>
    each === last ? { ...each, parents: [...each.parents, sha('side')], trailers: {} } : each,
  );
  return { ...withBranch({ commits }), pullRequests: [{ state: 'merged', merge, isClosedByPerson: false, ...pull }] };
}

const [merge] = merged().pullRequests as [PullRequest];
const closed: PullRequest = {
  ...{ repository: 'deploy-0', number: 2, part: merge.part },
  state: 'closed',
  isClosedByPerson: true,
};

const broken: readonly { what: string; evidence: Evidence; breaches: readonly string[] }[] = [
  {
    what: 'a push that no answer names',
    evidence: {
      ...good,
      accepted: good.accepted.slice(1),
      history: good.history.filter(({ ticket }) => ticket !== 'web-0-1.1.0'),
      branches: [branchOf(good.history.filter(({ ticket }) => ticket !== 'web-0-1.1.0'))],
    },
    breaches: ['accepted: web-0:1.1.0 was accepted without a Ticket'],
  },
  {
    what: 'an accepted Ticket that was never opened',
    evidence: withEvents('ticket.opened', 'web-1-1.1.0', () => []),
    breaches: ['accepted: web-1:1.1.0 was accepted, and its Ticket web-1-1.1.0 was never opened'],
  },
  {
    what: 'a Ticket without a webhook',
    evidence: { ...good, history: [...good.history, ...ride('web-0', '1.3.0', [], { type: 'ticket.failed' })] },
    breaches: ['accepted: no webhook opened the Ticket web-0-1.3.0 of web-0:1.3.0'],
  },
  {
    what: 'two Tickets for one image',
    evidence: {
      ...good,
      accepted: [...good.accepted, { track: 'web-1', tag: '1.1.0', ticket: 'other' }],
      history: [
        ...good.history,
        { type: 'ticket.opened', ticket: 'other', track: 'web-1', tag: '1.1.0' },
        {
          type: 'ticket.failed',
          ticket: 'other',
          track: 'web-1',
          station: 'prod',
          message: 'Degraded: Caused by apps/Deployment: web',
        },
      ],
    },
    breaches: ['accepted: web-1:1.1.0 has 2 Tickets'],
  },
  {
    what: 'a Ticket that has not ended',
    evidence: withEvents('ticket.completed', 'web-0-1.2.0', () => []),
    breaches: ['ended: web-0:1.2.0 has not ended; its last event: ticket.arrived prod: '],
  },
  {
    what: 'a Ticket that ended in two ways',
    evidence: withEvents('ticket.completed', 'web-0-1.2.0', (event) => [event, { ...event, type: 'ticket.failed' }]),
    breaches: ['ended: web-0:1.2.0 ended as ticket.completed and ticket.failed'],
  },
  {
    what: 'a Ticket that failed on a healthy Track',
    evidence: withEvents('ticket.completed', 'web-0-1.2.0', (event) => [
      { ...event, type: 'ticket.failed', station: 'dev', reason: 'DeadlineExceeded', message: 'late' },
    ]),
    breaches: ['ended: web-0:1.2.0 (healthy) failed at dev without a cause: DeadlineExceeded late'],
  },
  {
    what: 'a Ticket that failed at another Station than planned',
    evidence: withEvents('ticket.failed', 'web-1-1.1.0', (event) => [{ ...event, station: 'dev', message: '' }]),
    breaches: ['ended: web-1:1.1.0 (degraded) failed at dev, not at prod: Degraded '],
  },
  {
    what: 'a Ticket that failed for another reason than planned',
    evidence: withEvents('ticket.failed', 'web-1-1.1.0', (event) => [{ ...event, message: 'no idea' }]),
    breaches: ['ended: web-1:1.1.0 (degraded) failed for another reason than the scenario: Degraded no idea'],
  },
  {
    what: 'a Ticket that completed where it must fail',
    evidence: withEvents('ticket.failed', 'web-1-1.1.0', ({ ticket, track }) => [
      { type: 'ticket.arrived', ticket, track, station: 'prod' },
      { type: 'ticket.completed', ticket, track },
    ]),
    breaches: ['ended: web-1:1.1.0 (degraded) completed where Argo CD never lets it:  '],
  },
  {
    what: 'the newest Ticket superseded',
    evidence: withEvents('ticket.completed', 'web-0-1.2.0', (event) => [
      { ...event, type: 'ticket.superseded', by: 'web-0-1.1.0' },
    ]),
    breaches: ['ended: web-0:1.2.0 (healthy) is the newest of its Track, and was superseded:  '],
  },
  {
    what: 'a Ticket superseded by no Ticket',
    evidence: withEvents('ticket.superseded', 'web-0-1.1.0', (event) => [{ ...event, by: 'nobody' }]),
    breaches: ['ended: web-0:1.1.0 (healthy) was superseded by no Ticket: NewerTicket '],
  },
  {
    what: 'a part with two commits',
    evidence: withBranch({
      commits: [
        ...branch.commits,
        {
          sha: sha('again'),
          parents: [last?.sha ?? ''],
          trailers: { 'K8sTA-Promotion': last?.trailers['K8sTA-Promotion'] ?? '' },
        },
      ],
    }),
    breaches: [`commits: web-1-1.1.0/prod/1/0: deploy-0 ${last?.sha}, deploy-0 ${sha('again')}`],
  },
  {
    what: 'a commit that nobody requested',
    evidence: withEvents('promotion.requested', 'web-0-1.1.0', () => []),
    breaches: ['commits: nobody requested the commit of web-0-1.1.0/dev/1/0'],
  },
  {
    what: 'a commit that no event speaks of',
    evidence: withEvents('promotion.committed', 'web-0-1.1.0', () => []),
    breaches: [
      'commits: no event says that web-0-1.1.0/dev/1/0 is committed',
      'commits: a Ticket arrived, and no event says that its part web-0-1.1.0/dev/1/0 is committed',
    ],
  },
  {
    what: 'an event about a commit that no branch has',
    evidence: withEvents('promotion.committed', 'web-0-1.1.0', (event) => [{ ...event, commit: sha('lost') }]),
    breaches: [`commits: web-0-1.1.0/dev/1/0: no branch has its commit ${sha('lost')}`],
  },
  {
    what: 'an arrival without a commit of each part',
    evidence: {
      ...good,
      history: [
        ...good.history,
        {
          type: 'promotion.requested',
          ticket: 'web-0-1.2.0',
          track: 'web-0',
          station: 'prod',
          part: 'web-0-1.2.0/prod/1/1',
        },
        { type: 'ticket.arrived', ticket: 'web-0-1.2.0', track: 'web-0', station: 'prod' },
      ],
    },
    breaches: ['commits: a Ticket arrived, and no event says that its part web-0-1.2.0/prod/1/1 is committed'],
  },
  {
    what: 'a merge',
    evidence: withBranch({
      commits: branch.commits.map((each) =>
        each === last ? { ...each, parents: [...each.parents, sha('side')] } : each,
      ),
    }),
    breaches: [
      `branches: deploy-0: ${last?.sha} has the parents [${last?.parents},${sha('side')}], not [${last?.parents}]`,
    ],
  },
  {
    what: 'a part with two pull requests',
    evidence: {
      ...merged(),
      pullRequests: [merge, closed],
    },
    breaches: ['proposals: web-1-1.1.0/prod/1/0: deploy-0 #1, deploy-0 #2'],
  },
  {
    what: 'a merge of which another part is said',
    evidence: merged({ part: 'web-1-1.1.0/prod/1/1' }),
    breaches: [
      `proposals: deploy-0 #1 is merged as ${merge.merge}, and the event of web-1-1.1.0/prod/1/1 names no commit`,
    ],
  },
  {
    what: 'a pull request that stays open',
    evidence: {
      ...good,
      pullRequests: [{ repository: 'deploy-0', number: 1, part: 'x', state: 'open', isClosedByPerson: false }],
    },
    breaches: ['proposals: deploy-0 #1 of x is still open'],
  },
  {
    what: 'a Ticket that failed because a person closed what nobody has closed',
    evidence: withEvents('ticket.failed', 'web-1-1.1.0', (event) => [{ ...event, reason: 'ProposalClosed' }]),
    breaches: [
      'ended: web-1:1.1.0 (degraded) failed, and nobody closed its pull request: ProposalClosed argocd/web-1-prod: Degraded: Caused by apps/Deployment: web',
    ],
  },
  {
    what: 'a tip that the branch no longer has',
    evidence: withBranch({ seen: [sha('rewritten'), ...branch.seen] }),
    breaches: [`branches: deploy-0: ${sha('rewritten')} was the tip, and the branch no longer has it`],
  },
  {
    what: 'a commit before the arrival at the Station before',
    evidence: withEvents('ticket.arrived', 'web-0-1.2.0', (event) =>
      event.station === 'dev' ? [] : [{ ...event, station: 'dev' }, event],
    ),
    breaches: ['stations: web-0-1.2.0 committed at web-0/prod, and had not arrived at web-0/dev'],
  },
  {
    what: 'a Ticket that completed without an arrival',
    evidence: withEvents('ticket.arrived', 'web-0-1.2.0', (event) => (event.station === 'prod' ? [] : [event])),
    breaches: ['stations: web-0-1.2.0 completed, and did not arrive at web-0/prod'],
  },
  {
    what: 'two Tickets on their way into one Station',
    evidence: {
      ...good,
      history: [
        ...withEvents('ticket.arrived', 'web-0-1.1.0', () => []).history.filter((event) => event !== superseded),
        superseded,
      ],
    },
    breaches: ['stations: web-0-1.2.0 committed at web-0/dev while web-0-1.1.0 was on its way there'],
  },
  {
    what: 'a commit of an older Ticket after that of a newer one',
    evidence: { ...withBranch({ commits: swapped(), seen: [] }), named: { ...good.named, 'web-0-dev': '1.1.0' } },
    breaches: ['order: deploy-0 web-0/dev: 1.1.0 after 1.2.0'],
  },
  {
    what: 'a file that names another tag',
    evidence: { ...good, named: { ...good.named, 'web-1-prod': '1.0.0' } },
    breaches: ['files: web-1-prod names 1.0.0, and the last commit is that of 1.1.0'],
  },
  { what: 'a live Ticket', evidence: { ...good, live: ['web-0'] }, breaches: ['state: web-0'] },
  { what: 'a dead letter', evidence: { ...good, deadLetters: ['x'] }, breaches: ['deadLetters: x'] },
  { what: 'a refusal', evidence: { ...good, refusals: ['x'] }, breaches: ['refusals: x'] },
  { what: 'a crash', evidence: { ...good, crashes: ['x'] }, breaches: ['processes: x'] },
  {
    what: 'too much memory',
    evidence: { ...good, memory: [{ replica: 'tracker/0', mib: 800, limitMib: 768 }] },
    breaches: ['processes: tracker/0 used 800 MiB, more than 768 MiB'],
  },
];

describe('the verdict on a run', () => {
  const found = (evidence: Evidence) => verify(evidence).map(({ promise, what }) => `${promise}: ${what}`);

  it('is good where every promise held', () => {
    assert.deepEqual(found(good), []);
  });

  it('is good where a person merged a pull request, or closed one', () => {
    assert.deepEqual(found(merged()), []);
    const failed = withEvents('ticket.failed', 'web-1-1.1.0', (event) => [{ ...event, reason: 'ProposalClosed' }]);
    assert.deepEqual(found({ ...failed, pullRequests: [closed] }), []);
  });

  it('is good where a deadline passed while Argo CD could not read Git, and not where Git never broke', () => {
    const message = 'not arrived at prod: its status is older than the end of its last sync';
    const late = withEvents('ticket.failed', 'web-1-1.1.0', (event) => [
      { ...event, reason: 'DeadlineExceeded', message },
    ]);
    const outage = { afterEvents: 0, do: 'blow', blow: { kind: 'git', how: 'hang', forEvents: 1 } } as const;
    assert.deepEqual(found({ ...late, plan: { ...late.plan, steps: [...late.plan.steps, outage] } }), []);
    assert.equal(found(late).length, 1);
  });

  it('does not mind that an event is stored twice', () => {
    assert.deepEqual(found({ ...good, history: [...good.history, ...good.history] }), []);
  });

  it('is bad in some case for each promise', () => {
    const named = broken.flatMap(({ breaches }) => breaches.map((breach) => breach.split(':')[0]));
    assert.deepEqual(new Set(named), new Set(Object.keys(promises)));
  });

  for (const { what, evidence, breaches } of broken) {
    it(`names ${what}`, () => assert.deepEqual(found(evidence), breaches));
  }
});
