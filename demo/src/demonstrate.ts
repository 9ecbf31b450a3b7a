import { once } from 'node:events';
import { Ends, type NamedScenario, startSystem } from '@k8sta/sandbox';
import { notifications } from './notifications.js';
import { openOutput } from './output.js';
import { openPage } from './page.js';
import type { Play } from './plays/play.js';
import { openStage, type Surroundings } from './plays/stage.js';
import { ride } from './ride.js';
import { tryThis } from './try-this.js';
import { watch } from './watch.js';
import { capturedWebhook, lineOf, type SenderName } from './webhook.js';

/** The Application that follows the scenario: one of the two in the middle Station. */
export const actor = 'storefront-stage-us';

/** What people do takes longer than a rollout. */
const deadline = '2m';

/** For `--keep`: a person has enough time to break something and to watch what happens. */
const leisurely = { environment: { tracker: { K8STA_DEGRADED_GRACE_MS: '30000' } } };

/** What `npm run demo` is asked for. */
export interface Show {
  readonly named: NamedScenario | Play;
  readonly sender: SenderName;
  readonly keep?: boolean;
  readonly web?: boolean;
  readonly notify?: boolean;
}

/** Starts everything, lets the scenario happen, and stops everything. Rejects if it does not end as announced. */
export async function demonstrate(
  { named, sender, keep = false, web = keep, notify = false }: Show,
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  const { name, what } = named;
  const output = openOutput(stream);
  output.say(`${name}: ${what}${'ends' in named ? ` Ends ${named.ends}.` : ''}`);
  const system = await startSystem({
    onStep: (step) => output.say(`starting ${step}`),
    signal,
    line: { ...lineOf(sender), ...('act' in named ? named.line : named.layout && { layout: named.layout }) },
    ...('act' in named && named.forge && { forge: named.forge }),
    ...((keep || 'act' in named) && { deadline }),
    ...(keep && leisurely),
  });
  const ends = new Ends();
  ends.keep(system);
  let summary: string;
  try {
    const watching = await watch(system, output);
    ends.add(() => watching.close());
    const notifying = notify ? await notifications(system, watching, output) : undefined;
    if (notifying) ends.keep(notifying);
    const page = web ? await openPage(system, output) : undefined;
    signal.throwIfAborted();
    const riding =
      'act' in named
        ? named.act(openStage({ system, sender, watching, output, signal }))
        : rideBy(named, { system, sender, watching, output, signal });
    if (keep) await keepRunning(riding, () => output.print(tryThis(system, sender, actor, page)), signal);
    const needsPerson = 'ends' in named && named.ends !== 'completed';
    summary = await (notifying?.after(riding, { needsPerson, signal }) ?? riding);
  } finally {
    output.end();
    output.say('stopping everything');
    await ends.stop();
  }
  output.print(`${summary}\n`);
}

/** One Ticket rides, while an Application behaves as the scenario says. */
async function rideBy(announced: NamedScenario, around: Surroundings): Promise<string> {
  const { system, sender, watching, output, signal } = around;
  const { scenario } = announced;
  const later = scenario.kind === 'laterCommitWins' ? { repository: system.repository } : {};
  system.argo.setScenario(actor, { ...scenario, ...later });
  const webhook = await capturedWebhook(system, sender);
  return ride(system, watching, output, { webhook, signal, announced });
}

/** Waits for Ctrl-C, even if the ride fails. */
async function keepRunning(riding: Promise<string>, sayWhatToTry: () => void, signal: AbortSignal): Promise<void> {
  await riding.catch(() => {});
  if (signal.aborted) return;
  sayWhatToTry();
  await once(signal, 'abort');
}
