import { fork } from 'node:child_process';
import { createRequire } from 'node:module';

/** The questions that a process of the bench answers: the type of the input and of the answer of each. */
export type Questions = object;

type Ask<Q extends Questions> = <Name extends keyof Q>(
  name: Name,
  ...input: Q[Name] extends (...input: infer Input) => unknown ? Input : never
) => Promise<Q[Name] extends (...input: never) => infer Output ? Awaited<Output> : never>;

/** Work that has a process of its own, so that it is not part of what the bench measures elsewhere. */
export interface Child<Q extends Questions> {
  readonly pid: number;
  readonly ask: Ask<Q>;
  stop(): Promise<void>;
}

interface Reply {
  id: number;
  output?: unknown;
  error?: string;
}

/** Starts a file of a package, by the name under which the package exports it, in the source or in the build. */
export function startChild<Q extends Questions>(name: string, nodeArguments: readonly string[] = []): Child<Q> {
  const child = fork(createRequire(import.meta.url).resolve(name), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...nodeArguments],
  });
  const waiting = new Map<number, { resolve: (output: never) => void; reject: (error: Error) => void }>();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const { reject } of waiting.values()) reject(new Error(`the process ${name} ended`));
      resolve();
    });
  });
  child.on('message', ({ id, output, error }: Reply) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(output as never);
    else asked?.reject(new Error(error));
  });
  let lastId = 0;
  return {
    pid: child.pid ?? Number.NaN,
    ask: (name, ...[input]) => {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, name, input });
      });
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** In the child: answers the questions of the bench, and ends with it. */
export function answerQuestions<Q extends Questions>(answers: Q, end: () => Promise<unknown>): void {
  process.on('message', ({ id, name, input }: { id: number; name: keyof Q; input: unknown }) => {
    const answer = answers[name] as (input: unknown) => unknown;
    Promise.resolve()
      .then(() => answer(input))
      .then(
        (output) => process.send?.({ id, output: output ?? null } satisfies Reply),
        (error: Error) => process.send?.({ id, error: error.stack ?? error.message } satisfies Reply),
      );
  });
  process.once('disconnect', () => void end().finally(() => process.exit()));
}
