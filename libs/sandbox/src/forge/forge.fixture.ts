import type { ForgeProvider, MergeMethod } from './core/model.js';
import type { ForgeServer } from './start-forge.js';

/** An answer of the API; `json` is whatever its body says. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read fields of any answer.
  readonly json: any;
}

/** A plain client: the tests of the stand-ins use no library that hides what a forge answers. */
export async function ask(
  forge: ForgeServer,
  request: string,
  body?: unknown,
  { token = forge.token, headers = {} as Record<string, string> } = {},
): Promise<Got> {
  const [method = 'GET', path = ''] = request.split(' ');
  const answer = await fetch(`${forge.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json');
  return { status: answer.status, headers: answer.headers, json: isJson ? JSON.parse(text) : text };
}

type Wish = [request: string, body?: unknown];

interface Calls {
  open(repository: string, head: string, title: string): Wish;
  get(repository: string, number: number): Wish;
  merge(repository: string, number: number, method: MergeMethod, sha?: string): Wish;
  close(repository: string, number: number): Wish;
}

const ofGitHub: Calls = {
  open: (repository, head, title) => [`POST /repos/${repository}/pulls`, { head, base: 'main', title, body: 'Why.' }],
  get: (repository, number) => [`GET /repos/${repository}/pulls/${number}`],
  merge: (repository, number, merge_method, sha) => [
    `PUT /repos/${repository}/pulls/${number}/merge`,
    { merge_method, sha },
  ],
  close: (repository, number) => [`PATCH /repos/${repository}/pulls/${number}`, { state: 'closed' }],
};

const ofGitLab: Calls = {
  open: (repository, source_branch, title) => [
    `POST /projects/${encodeURIComponent(repository)}/merge_requests`,
    { source_branch, target_branch: 'main', title, description: 'Why.' },
  ],
  get: (repository, number) => [`GET /projects/${encodeURIComponent(repository)}/merge_requests/${number}`],
  merge: (repository, number, method, sha) => [
    `PUT /projects/${encodeURIComponent(repository)}/merge_requests/${number}/merge`,
    { squash: method === 'squash', sha },
  ],
  close: (repository, number) => [
    `PUT /projects/${encodeURIComponent(repository)}/merge_requests/${number}`,
    { state_event: 'close' },
  ],
};

/** The same wish in the words of each of the three. */
export const callsOf: Record<ForgeProvider, Calls> = {
  github: ofGitHub,
  gitlab: ofGitLab,
  gitea: {
    ...ofGitHub,
    merge: (repository, number, Do, head_commit_id) => [
      `POST /repos/${repository}/pulls/${number}/merge`,
      { Do, head_commit_id },
    ],
  },
};
