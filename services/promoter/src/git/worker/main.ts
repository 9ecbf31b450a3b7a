import { answerable } from './job-handler.js';
import { callSchema, type Message } from './protocol.js';

/**
 * A process that holds mirrors. nodegit's ten native threads and libgit2's missing time-outs are why it is a process: a
 * parent can kill it, and a remote that hangs holds up nobody else for longer than its budget.
 */
if (process.send === undefined) throw new Error('the promoter starts this process, and talks with it');
const mirrors = new Map<string, ReturnType<typeof answerable>>();

function mirrorAt(directory: string): ReturnType<typeof answerable> {
  const known = mirrors.get(directory) ?? answerable(directory);
  mirrors.set(directory, known);
  return known;
}

/** Orders that are not with their remote: they wait for others, or for the disk, and that is no fault of a remote. */
const here = new Set<number>();
const heartbeatMs = 250;

function say(message: Message): void {
  process.send?.(message);
}

setInterval(() => {
  for (const id of here) say({ is: 'progress', id });
}, heartbeatMs);

process.on('message', (message) => {
  const call = callSchema.parse(message);
  if (call.is === 'release') {
    mirrors.delete(call.mirror);
    return;
  }
  const { id, order, mirror } = call;
  const signs = {
    contact() {
      here.delete(id);
      say({ is: 'contact', id });
    },
    progress: () => say({ is: 'progress', id }),
    local: () => void here.add(id),
  };
  here.add(id);
  mirrorAt(mirror)(order, signs)
    .then(
      (result) => say({ is: 'answer', id, answer: result }),
      (error: unknown) => say({ is: 'fault', id, message: error instanceof Error ? error.message : String(error) }),
    )
    .finally(() => here.delete(id));
});
say({ is: 'ready' });
// The parent is gone, however it went.
process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches the whole group; the parent drains and ends us when it is done.
process.on('SIGINT', () => {});
