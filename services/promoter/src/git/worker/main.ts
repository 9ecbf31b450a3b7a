import { ElsewhereError } from './fault.js';
import { JobHandler } from './job-handler.js';
import { anonymousBytes, Memory } from './memory.js';
import { callSchema, type Message } from './protocol.js';

/**
 * The worker process, which holds mirrors. It is a process because nodegit has ten native threads and libgit2 has no
 * time-outs: the parent can kill it, and a remote that hangs delays others for no longer than its time budget.
 */
if (process.send === undefined) throw new Error('only the promoter can start this process: it needs its IPC channel');
// The parent starts it with --expose-gc.
const memory = new Memory({ inUse: anonymousBytes, collect: () => globalThis.gc?.() });
const handlers = new Map<string, JobHandler>();

function handlerFor(mirror: string): JobHandler {
  const handler = handlers.get(mirror) ?? new JobHandler(mirror);
  handlers.set(mirror, handler);
  return handler;
}

/** Jobs that do not wait for their remote but for other jobs or for the disk. Their remote is not to blame for a delay. */
const localJobs = new Set<number>();
const heartbeatMs = 250;

function send(message: Message): void {
  process.send?.(message);
}

/** More than the parent shows: it hides secrets first, and would not know a piece of one. */
const maxNote = 5_000;

function faultOf(id: number, error: unknown): Message {
  const message = error instanceof Error ? error.message : String(error);
  return { is: 'fault', id, message, ...(error instanceof ElsewhereError && { elsewhere: error.index }) };
}

setInterval(() => {
  for (const id of localJobs) send({ is: 'progress', id });
}, heartbeatMs);

process.on('message', (message) => {
  const call = callSchema.parse(message);
  if (call.is === 'release') {
    handlers.delete(call.mirror);
    return;
  }
  const { id, job, mirror } = call;
  const progress = {
    contact(elsewhere?: number) {
      localJobs.delete(id);
      send({ is: 'contact', id, elsewhere });
    },
    alive: () => send({ is: 'progress', id }),
    local: () => void localJobs.add(id),
    note: (text: string) => send({ is: 'note', id, text: text.slice(0, maxNote) }),
  };
  localJobs.add(id);
  handlerFor(mirror)
    .handle(job, progress)
    .then(
      (answer) => send({ is: 'answer', id, answer }),
      (error: unknown) => send(faultOf(id, error)),
    )
    .finally(() => {
      localJobs.delete(id);
      // After the answer, because collecting garbage takes some time.
      setImmediate(() => send({ is: 'memory', bytes: memory.check() }));
    });
});
send({ is: 'ready' });
// The parent has exited, even if it was killed.
process.on('disconnect', () => process.exit(0));
// A terminal sends Ctrl-C to the whole process group. The parent drains first and then ends this process.
process.on('SIGINT', () => {});
