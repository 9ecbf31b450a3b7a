import { sanitizeLine } from '@k8sta/text';
import { type Git, RemoteFault } from './git.js';
import { type JobRemotesOptions, jobRemotes } from './job-remotes.js';
import type { Author, CommitStyle, MessageStyle, SigningKey } from './worker/protocol.js';
import type { WorkerPool } from './worker-pool.js';

export interface WorkerGitOptions extends JobRemotesOptions {
  readonly pool: Pick<WorkerPool, 'run'>;
  readonly author: Author;
  /** The templates of commit messages. */
  readonly message?: MessageStyle;
  /** What signs the commits, if anything does. Called for each push. */
  readonly signingKey?: () => Promise<SigningKey | undefined>;
}

/** The implementation of {@link Git}: worker processes with nodegit. */
export function gitByWorkers({ pool, author, message, signingKey, ...remotes }: WorkerGitOptions): Git {
  const withRemotes = jobRemotes(remotes);
  const style = async (): Promise<CommitStyle> => {
    const key = await signingKey?.().catch((error: Error) => {
      // A commit without a signature is not an alternative: the next try reads the key again.
      throw new RemoteFault(sanitizeLine(error.message));
    });
    return { author, ...(message && { message }), ...(key && { signingKey: key }) };
  };
  return {
    plan: (repository, parts, onNote) =>
      withRemotes(repository, parts, async (opened, hide) => {
        const note = onNote && ((text: string) => onNote(`${repository.name}: ${sanitizeLine(hide(text), 500)}`));
        const job = { op: 'plan' as const, ...opened, parts: [...parts], ...(await style()) };
        return pool.run(repository.name, job, { onNote: note });
      }),
    push: (repository, parts, branch) =>
      withRemotes(repository, parts, async (opened) =>
        pool.run(repository.name, { op: 'push', ...opened, parts: [...parts], branch, ...(await style()) }),
      ),
    look: (repository, part, head, merged) =>
      withRemotes(repository, [part], (opened) =>
        pool.run(repository.name, { op: 'look', ...opened, part, author, head, ...(merged && { merged }) }),
      ),
    propose: (repository, part, refs, replaces) =>
      withRemotes(repository, [part], async (opened) => {
        const over = replaces !== undefined && { replaces };
        return pool.run(repository.name, { op: 'propose', ...opened, part, ...refs, ...over, ...(await style()) });
      }),
    drop: (repository, head, commit) =>
      withRemotes(repository, [], ({ remote }) => pool.run(repository.name, { op: 'drop', remote, head, commit })),
    inspect: (repository, part, signal) =>
      withRemotes(repository, [part], (opened) =>
        pool.run(repository.name, { op: 'inspect', ...opened, part }, { signal }),
      ),
    async relation(repository, question, signal) {
      // Without a revision, the question is about the branch as it is now.
      const isAboutTip = question.revision === undefined;
      const known = isAboutTip ? null : await pool.run(repository.name, { op: 'lookUp', question }, { signal });
      if (known) return known;
      return withRemotes(repository, [], ({ remote }) =>
        pool.run(repository.name, { op: 'relation', remote, question }, { signal }),
      );
    },
  };
}
