/** The plain alternative: a process with a warm clone that pushes one commit that is ready. */
import nodegit, { type Repository } from 'nodegit';
import { z } from 'zod';

const orderSchema = z.discriminatedUnion('order', [
  z.object({ order: z.literal('clone'), url: z.string(), directory: z.string(), authorization: z.string() }),
  z.object({ order: z.literal('commit'), file: z.string(), text: z.string() }),
  z.object({ order: z.literal('push') }),
]);
export type Order = z.infer<typeof orderSchema>;

const branch = 'refs/heads/main';

interface Clone {
  readonly repository: Repository;
  readonly url: string;
  /** Sent with the first request, because a 401 costs as much as the push. */
  readonly customHeaders: string[];
  tip: nodegit.Oid;
}

async function clone({ url, directory, authorization }: Extract<Order, { order: 'clone' }>): Promise<Clone> {
  const repository = await nodegit.Repository.init(directory, 1);
  const remote = await nodegit.Remote.createAnonymous(repository, url);
  const customHeaders = [`Authorization: ${authorization}`];
  await remote.fetch([`+${branch}:${branch}`], { customHeaders }, 'bench');
  return { repository, url, customHeaders, tip: (await repository.getReferenceCommit(branch)).id() };
}

async function commit(to: Clone, { file, text }: Extract<Order, { order: 'commit' }>): Promise<void> {
  const { repository } = to;
  const tree = await (await repository.getCommit(to.tip)).getTree();
  const id = await repository.createBlobFromBuffer(Buffer.from(text));
  const update = { action: 0, path: file, id, filemode: 0o100644 };
  // The types require an instance of a class without a constructor.
  const edited = await tree.createUpdated(repository, 1, [update] as never);
  const author = nodegit.Signature.now('Bench', 'bench@example.com');
  to.tip = await repository.createCommit(null as never, author, author, `Edit ${file}\n`, edited, [to.tip]);
}

async function push({ repository, url, customHeaders, tip }: Clone): Promise<void> {
  const remote = await nodegit.Remote.createAnonymous(repository, url);
  let refusal: string | null | undefined = 'the server did not say whether it accepted the push';
  const pushUpdateReference = (_ref: string, message: string | null) => {
    refusal = message;
    return 0;
  };
  await remote.push([`${tip.tostrS()}:${branch}`], { callbacks: { pushUpdateReference }, customHeaders } as never);
  if (refusal) throw new Error(`the push to ${url} was refused: ${refusal}`);
}

let cloned: Clone | undefined;

async function carryOut(order: Order): Promise<void> {
  if (order.order === 'clone') cloned = await clone(order);
  else if (!cloned) throw new Error('there is no clone yet');
  else if (order.order === 'commit') await commit(cloned, order);
  else await push(cloned);
}

// The process answers each order with its name. The parent kills the process.
process.on('message', (message) => {
  const order = orderSchema.parse(message);
  carryOut(order).then(
    () => process.send?.(order.order),
    (error: Error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit());
