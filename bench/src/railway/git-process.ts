/** The Git server in its own process: CPU that it and its Git commands use is counted there. */
import { type GitServer, startGitServer } from '@k8sta/sandbox';
import { answerQuestions } from '../child.js';

export interface GitQuestions {
  start(): Promise<{ url: string; user: string; password: string }>;
  createRepository(input: { name: string; files: Record<string, string> }): Promise<{ url: string }>;
  /** What it has answered so far, and the commits on the branches of its repositories. */
  counts(): Promise<GitCounts>;
}

export interface GitCounts {
  readonly pushes: number;
  readonly commits: number;
  /** HTTP requests of libgit2, which is the promoter, and of git, which is the stand-in for Argo CD. */
  readonly requests: { readonly promoter: number; readonly argo: number };
}

let git: GitServer | undefined;
let pushes = 0;
const requests = { promoter: 0, argo: 0 };
const repositories: Awaited<ReturnType<GitServer['createRepository']>>[] = [];

answerQuestions<GitQuestions>(
  {
    async start() {
      git = await startGitServer();
      git.intercept(({ service, step, headers }) => {
        requests[/libgit2/.test(headers['user-agent'] ?? '') ? 'promoter' : 'argo'] += 1;
        if (service === 'git-receive-pack' && step === 'exchange') pushes += 1;
        return undefined;
      });
      const { url, user, password } = git;
      return { url, user, password };
    },
    async createRepository({ name, files }) {
      if (!git) throw new Error('the Git server has not been started');
      const repository = await git.createRepository(name, { files });
      repositories.push(repository);
      return { url: repository.url };
    },
    async counts() {
      let commits = 0;
      for (const repository of repositories) commits += (await repository.log()).length;
      return { pushes, commits, requests };
    },
  },
  async () => git?.stop(),
);
