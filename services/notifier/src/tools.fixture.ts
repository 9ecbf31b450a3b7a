import { type Stage, startStage } from './notifier.fixture.js';
import { type Chat, discordPath, slackToken, startDiscord, startSlack } from './receivers/chat.fixture.js';
import { type HttpReceiver, startHttpReceiver } from './receivers/http-receiver.fixture.js';

export const pagerKey = 'a-key-of-sixteen-characters';

/** The tools that people look at: real HTTP servers that behave as the real ones. */
export interface Tools {
  readonly slack: Chat;
  readonly discord: Chat;
  readonly pager: HttpReceiver;
  /** The files of secrets, by their names in the rules. */
  readonly secrets: Readonly<Record<string, string>>;
  /** A rules file with the receivers ops (Slack), game (Discord) and pager (a webhook), and this rule. */
  rules(rule: string, slackUrl?: string): string;
  stop(): Promise<void>;
}

async function startTools(): Promise<Tools> {
  const [slack, discord] = [await startSlack(), await startDiscord()];
  const pager = await startHttpReceiver(() => ({ status: 202 }));
  return {
    ...{ slack, discord, pager },
    secrets: { 'slack-token': slackToken, 'discord-webhook': `${discord.url}${discordPath}`, 'pager-key': pagerKey },
    rules: (rule, slackUrl = slack.url) => `
receivers:
- {name: ops, slack: {channel: C0123456789, secretFile: slack-token, api: "${slackUrl}/api"}}
- {name: game, discord: {secretFile: discord-webhook}}
- {name: pager, webhook: {url: "${pager.url}/hook", secretFile: pager-key}}
rules:
- ${rule}
`,
    async stop() {
      for (const each of [slack, discord, pager]) await each.stop();
    },
  };
}

/** A stage and its tools, of their own for each test of the suite. `entry` is the file URL of the notifier's `main`. */
export function sceneForEach(entry: string): Omit<Tools, 'stop'> & { readonly stage: Stage } {
  const scene = {} as Tools & { stage: Stage };
  beforeEach(async () => {
    scene.stage = await startStage(entry);
    Object.assign(scene, await startTools());
  });
  afterEach(async () => {
    await scene.stage?.stop();
    await scene.stop?.();
  });
  return scene;
}

/** The messages that a chat shows now, oldest first. */
export function texts({ messages }: Chat): string[] {
  return [...messages.values()];
}

/** The lines of this message in the logs of the notifiers. */
export function logged({ lines }: Stage, message: string): string[] {
  return lines.filter((line) => line.includes(`"msg":"${message}"`));
}
