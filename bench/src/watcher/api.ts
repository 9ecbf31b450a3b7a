import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Order, Orders } from './api-process.js';

/** The process that plays the Kubernetes API. */
export interface Api {
  ask<Name extends keyof Orders>(name: Name, ...input: Parameters<Orders[Name]>): Promise<ReturnType<Orders[Name]>>;
  stop(): Promise<void>;
}

export function startApi(): Api {
  const child = fork(createRequire(import.meta.url).resolve('@k8sta/bench/watcher/api-process'), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve: (output: never) => void; reject: (error: Error) => void }>();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const { reject } of waiting.values()) reject(new Error('the process that plays the Kubernetes API ended'));
      resolve();
    });
  });
  child.on('message', ({ id, output, error }: { id: number; output: never; error?: string }) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(output);
    else asked?.reject(new Error(error));
  });
  let lastId = 0;
  return {
    ask(name, ...[input]) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, order: { name, input } as Order });
      });
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
