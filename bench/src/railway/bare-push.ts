/** The plain alternative: a process with warm clones that only edits a file, commits and pushes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nodegit, { type Repository } from 'nodegit';
import { z } from 'zod';

const taskSchema = z.object({
  username: z.string(),
  password: z.string(),
  before: z.string(),
  after: z.string(),
  /** Each has the files to edit; every file gets one commit and one push. */
  repositories: z.array(z.object({ url: z.string(), files: z.array(z.string()) })),
});
export type BareTask = z.infer<typeof taskSchema>;

/** A clone, and the tip of its branch. */
interface Clone {
  readonly url: string;
  readonly files: readonly string[];
  readonly repository: Repository;
  tip: nodegit.Oid;
}

const branch = 'refs/heads/main';

async function clone(directory: string, { url, files }: BareTask['repositories'][number], task: BareTask) {
  const repository = await nodegit.Repository.init(directory, 1);
  const remote = await nodegit.Remote.createAnonymous(repository, url);
  await remote.fetch([`+${branch}:${branch}`], { callbacks: callbacksFor(task) }, 'bench');
  return { url, files, repository, tip: (await repository.getReferenceCommit(branch)).id() };
}

function callbacksFor({ username, password }: BareTask) {
  return { credentials: () => nodegit.Credential.userpassPlaintextNew(username, password) };
}

async function push(clone: Clone, file: string, task: BareTask): Promise<void> {
  const { repository } = clone;
  const parent = await repository.getCommit(clone.tip);
  const tree = await parent.getTree();
  const blob = await repository.getBlob((await tree.entryByPath(file)).id());
  const text = blob.toString().replace(task.before, task.after);
  const id = await repository.createBlobFromBuffer(Buffer.from(text));
  const update = { action: 0, path: file, id, filemode: 0o100644 };
  // The types require an instance of a class without a constructor.
  const edited = await tree.createUpdated(repository, 1, [update] as never);
  const author = nodegit.Signature.now('Bench', 'bench@example.com');
  const commit = await repository.createCommit(null as never, author, author, `Edit ${file}\n`, edited, [clone.tip]);
  const remote = await nodegit.Remote.createAnonymous(repository, clone.url);
  let refusal: string | null | undefined;
  const pushUpdateReference = (_ref: string, message: string | null) => {
    refusal = message;
    return 0;
  };
  const callbacks = { ...callbacksFor(task), pushUpdateReference };
  await remote.push([`${commit.tostrS()}:${branch}`], { callbacks });
  if (refusal) throw new Error(`the push to ${clone.url} was refused: ${refusal}`);
  clone.tip = commit;
}

let task: BareTask;
let clones: Clone[];
let directory: string;

// The parent first sends the task; the process answers when its clones are warm. Then the parent sends "begin"; the process
// answers when it has pushed everything. The parent kills the process: if it exited, its last answer could get lost.
process.on('message', (message) => {
  void (async () => {
    if (message === 'begin') {
      await Promise.all(
        clones.map(async (each) => {
          for (const file of each.files) await push(each, file, task);
        }),
      );
      await rm(directory, { recursive: true, force: true });
      process.send?.('done');
      return;
    }
    task = taskSchema.parse(message);
    directory = await mkdtemp(join(tmpdir(), 'k8sta-bench-'));
    clones = await Promise.all(task.repositories.map((each, index) => clone(join(directory, `${index}`), each, task)));
    process.send?.('warm');
  })().catch((error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
});
process.once('disconnect', () => process.exit());
