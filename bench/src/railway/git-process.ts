/** The Git server in its own process: CPU that it and its Git commands use is counted there. */
import { type GitServer, startGitServer } from '@k8sta/sandbox';
import { answerQuestions } from '../child.js';

export interface GitQuestions {
  start(): Promise<{ url: string; user: string; password: string }>;
  createRepository(input: { name: string; files: Record<string, string> }): Promise<{ url: string }>;
  /** The packs that it has received so far, and the commits on the branches of its repositories. */
  counts(): Promise<{ pushes: number; commits: number }>;
}

let git: GitServer | undefined;
let pushes = 0;
const repositories: Awaited<ReturnType<GitServer['createRepository']>>[] = [];

answerQuestions<GitQuestions>(
  {
    async start() {
      git = await startGitServer();
      git.intercept(({ service, step }) => {
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
      return { pushes, commits };
    },
  },
  async () => git?.stop(),
);
