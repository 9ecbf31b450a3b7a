import { answerable } from './answer.js';
import { callSchema, type Message } from './protocol.js';

/**
 * The process that owns one repository's mirror. nodegit's ten native threads and libgit2's missing time-outs are why
 * it is a process: a parent can kill it, and twenty hung remotes hold up nobody else.
 */
const directory = process.argv[2];
if (directory === undefined || process.send === undefined) {
  throw new Error('this is started by the promoter, with the directory of a mirror');
}
const answer = answerable(directory);

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
  const { id, order } = callSchema.parse(message);
  const signs = {
    contact() {
      here.delete(id);
      say({ is: 'contact', id });
    },
    progress: () => say({ is: 'progress', id }),
    local: () => void here.add(id),
  };
  here.add(id);
  answer(order, signs)
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
