/** The plain alternative: a process with warm clones that commits and pushes with libgit2, and does nothing else. */
import nodegit, { type Repository } from 'nodegit';
import { answerQuestions } from './child.js';

export interface BareQuestions {
  clone(input: { url: string; directory: string; user: string; password: string }): Promise<void>;
  /** Replaces the text of one file on the tip of the clone. */
  commit(input: { url: string; file: string; text: string }): Promise<void>;
  /** Pushes what is committed. */
  push(input: { url: string }): Promise<void>;
}

const branch = 'refs/heads/main';

interface Clone {
  readonly repository: Repository;
  /** Sent with the first request, because a 401 costs as much as the push. */
  readonly customHeaders: string[];
  tip: nodegit.Oid;
}

const clones = new Map<string, Clone>();

function cloneOf(url: string): Clone {
  const clone = clones.get(url);
  if (!clone) throw new Error(`there is no clone of ${url} yet`);
  return clone;
}

answerQuestions<BareQuestions>(
  {
    async clone({ url, directory, user, password }) {
      const repository = await nodegit.Repository.init(directory, 1);
      const remote = await nodegit.Remote.createAnonymous(repository, url);
      const login = Buffer.from(`${user}:${password}`).toString('base64');
      const customHeaders = [`Authorization: Basic ${login}`];
      await remote.fetch([`+${branch}:${branch}`], { customHeaders }, 'bench');
      clones.set(url, { repository, customHeaders, tip: (await repository.getReferenceCommit(branch)).id() });
    },
    async commit({ url, file, text }) {
      const to = cloneOf(url);
      const { repository } = to;
      const tree = await (await repository.getCommit(to.tip)).getTree();
      const id = await repository.createBlobFromBuffer(Buffer.from(text));
      const update = { action: 0, path: file, id, filemode: 0o100644 };
      // The types require an instance of a class without a constructor.
      const edited = await tree.createUpdated(repository, 1, [update] as never);
      const author = nodegit.Signature.now('Bench', 'bench@example.com');
      to.tip = await repository.createCommit(null as never, author, author, `Edit ${file}\n`, edited, [to.tip]);
    },
    async push({ url }) {
      const { repository, customHeaders, tip } = cloneOf(url);
      const remote = await nodegit.Remote.createAnonymous(repository, url);
      let refusal: string | null | undefined = 'the server did not say whether it accepted the push';
      const pushUpdateReference = (_ref: string, message: string | null) => {
        refusal = message;
        return 0;
      };
      await remote.push([`${tip.tostrS()}:${branch}`], { callbacks: { pushUpdateReference }, customHeaders } as never);
      if (refusal) throw new Error(`the push to ${url} was refused: ${refusal}`);
    },
  },
  async () => {},
);
