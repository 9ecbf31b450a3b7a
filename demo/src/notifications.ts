import { type Notification, type System, startNotified, until } from '@k8sta/sandbox';
import type { Output } from './output.js';
import type { Watch } from './watch.js';

/** The notifier reads the same event as the demo, and then posts it. */
const deliveryMs = 15_000;

export interface Notifications {
  /**
   * Settles as the ride does, but only after the messages that the ride has caused, or after a time-out. `needsPerson`: whether
   * the ride causes one at least.
   */
  after<T>(riding: Promise<T>, options: { readonly needsPerson: boolean; readonly signal: AbortSignal }): Promise<T>;
  stop(): Promise<void>;
}

/** Starts the notifier with a receiver in this process, and prints each message that it gets. */
export async function notifications(system: System, watching: Watch, output: Output): Promise<Notifications> {
  output.say('starting the notifier, and a receiver of its messages');
  const failed: string[] = [];
  watching.onEvent(({ type, data }) => {
    if (type === 'ticket.failed') failed.push(data.ticket);
  });
  // So short that a person who watches sees what each wait asks for.
  const notified = await startNotified(system.nats, { for: '1s', onNotification: (each) => print(each, output) });
  const isToldOf = (ticket: string) =>
    notified.notifications.some((each) => each.ticket === ticket && each.type.endsWith('ticket.failed'));
  const settle = async (least: number, signal: AbortSignal) => {
    const isComplete = () =>
      signal.aborted || (notified.notifications.length >= least && failed.every((ticket) => isToldOf(ticket)));
    await until(isComplete, { what: 'the arrival of the notification', deadlineMs: deliveryMs }).catch((error: Error) =>
      output.say(error.message),
    );
  };
  return {
    async after(riding, { needsPerson, signal }) {
      // A ride that does not end as announced needs a person, too.
      await riding.then(
        () => settle(needsPerson ? 1 : 0, signal),
        () => settle(1, signal),
      );
      return riding;
    },
    stop: () => notified.stop(),
  };
}

function print({ subject, body, links }: Notification, output: Output): void {
  output.say(`notification: ${subject}`);
  const below = [...body.split('\n'), ...links.map(({ title, url }) => `${title}: ${url}`)];
  for (const line of below) output.say(`  ${line}`);
}
