import type { Outlet } from './deliver.js';
import { Gate } from './gate.js';
import { openReceiver } from './receivers/open.js';
import type { ReceiverOptions } from './receivers/slack.js';
import type { ReceiverSpec } from './rules/rule.js';

/** The receivers of the rules file, each with a gate of its own. */
export function openOutlets(
  specs: readonly ReceiverSpec[],
  { secrets = '', ...options }: Omit<ReceiverOptions, 'secrets'> & { readonly secrets: string | undefined },
): Outlet[] {
  return specs.map((spec) => ({
    receiver: openReceiver(spec, { ...options, secrets }),
    gate: new Gate(() => performance.now()),
  }));
}

/** What is wrong with the secrets of the receivers, or why they do not take messages. */
export async function faultsOf(outlets: readonly Outlet[]): Promise<string[]> {
  const faults = await Promise.all(
    outlets.map(async ({ receiver, gate }) => {
      const fault = (await receiver.check()) ?? gate.fault;
      return fault === undefined ? [] : [`receiver "${receiver.name}": ${fault}`];
    }),
  );
  return faults.flat();
}
