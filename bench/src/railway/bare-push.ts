/** What anybody would write: a process with warm clones that edits a file, commits and pushes, and nothing else. */
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
  /** Each with the files to edit, one commit and one push per file. */
  repositories: z.array(z.object({ url: z.string(), files: z.array(z.string()) })),
});
export type BareTask = z.infer<typeof taskSchema>;

/** One clone, and the commit that its branch is at. */
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
  // The types demand an instance of a class that has no constructor.
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

// First the task, which is answered when everything is warm; then the word to begin, which is answered at the end. The
// parent ends the process: one that ends by itself may be gone before its last answer is read.
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
