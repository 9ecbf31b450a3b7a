import type { Ticket } from '@k8sta/contracts';
import type { Notice } from '../notice.js';
import type { Links } from '../rules/rule.js';
import type { MessageLink } from './message.js';
import { renderLink } from './template.js';

const mostCommits = 3;
const mostApplications = 5;

/** The pull request, the commits of the Station, its Applications in Argo CD, and the Ticket on the board. */
export function linksOf(notice: Notice, ticket: Ticket | undefined, { argoCd, board }: Links): MessageLink[] {
  const station = notice.items[0]?.station;
  const records = ticket?.stations ?? [];
  const record = records.findLast((each) => each.station === station) ?? records.at(-1);
  const commits = (record?.commits ?? []).flatMap(({ repository, commit }) => {
    const url = commit && commitUrl(repository, commit);
    return url ? [{ title: `commit ${commit.slice(0, 7)}`, url }] : [];
  });
  const applications = (record?.commits ?? []).flatMap((each) => each.applications);
  const inArgoCd =
    argoCd === undefined
      ? []
      : applications.map(({ namespace, name }) => ({
          title: `Argo CD: ${name}`,
          url: `${argoCd.replace(/\/+$/, '')}/applications/${namespace}/${name}`,
        }));
  const onBoard =
    board !== undefined && notice.ticket !== undefined ? [{ title: 'board', url: renderLink(board, notice) }] : [];
  const proposal = notice.proposal === undefined ? [] : [{ title: 'pull request', url: notice.proposal }];
  return [...proposal, ...commits.slice(0, mostCommits), ...inArgoCd.slice(0, mostApplications), ...onBoard];
}

/** The commit in the web interface of GitHub, GitLab, Gitea, Bitbucket or a server like them; undefined for other addresses. */
export function commitUrl(repository: string, commit: string): string | undefined {
  const scp = /^[\w.-]+@([\w.-]+):([\w./~-]+)$/.exec(repository);
  const address = scp ? `https://${scp[1]}/${scp[2]}` : repository;
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, host, pathname } = new URL(address);
  if (!['https:', 'http:', 'ssh:'].includes(protocol)) return undefined;
  const origin = protocol === 'ssh:' ? `https://${hostname}` : `${protocol}//${host}`;
  // Without the look behind, many slashes in the middle of a path take quadratic time.
  const path = pathname.replace(/\.git\/?$|(?<!\/)\/+$/, '');
  const named = hostname.includes('gitlab') ? '-/commit' : hostname.includes('bitbucket') ? 'commits' : 'commit';
  return `${origin}${path}/${named}/${commit}`;
}
