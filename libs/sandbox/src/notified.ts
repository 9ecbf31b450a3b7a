import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { temporaryDirectory } from './directory.js';
import { startInSteps } from './ends.js';
import { serveHttp } from './http-server.js';
import type { DeployedNats } from './nats.js';
import { type Service, startService } from './service.js';

/** What the notifier posts to a webhook: a CloudEvent. */
const notification = z
  .object({
    type: z.string(),
    ticketid: z.string().optional(),
    data: z.object({
      subject: z.string(),
      body: z.string(),
      links: z.array(z.object({ title: z.string(), url: z.string() })),
    }),
  })
  .transform(({ type, ticketid, data }) => ({ type, ticket: ticketid, ...data }));
export type Notification = z.output<typeof notification>;

/** A notifier, and an HTTP server in this process that it posts to. */
export interface Notified {
  readonly notifier: Service;
  /** What the server has got, in its order. */
  readonly notifications: readonly Notification[];
  stop(): Promise<void>;
}

export interface NotifiedOptions {
  /** How long a wait must last before it is sent, in the form of the rules file. */
  readonly for?: string;
  readonly onNotification?: (notification: Notification) => void;
}

const require = createRequire(import.meta.url);

/** Starts a notifier that sends what needs a person to a webhook of this process, and waits until it is ready. */
export function startNotified(nats: DeployedNats, options: NotifiedOptions = {}): Promise<Notified> {
  return startInSteps(async (ends) => {
    const notifications: Notification[] = [];
    const server = await serveHttp(async (request, response) => {
      const posted = notification.parse(JSON.parse(await text(request)));
      notifications.push(posted);
      response.writeHead(204).end();
      options.onNotification?.(posted);
    });
    ends.keep(server);
    const directory = await temporaryDirectory('notified');
    ends.add(() => directory.remove());
    const rules = await writeRules(directory.path, `${server.url}/`, options.for);
    const { user, passwordFile } = nats.as('notifier');
    const notifier = ends.keep(
      await startService({
        name: 'notifier',
        entry: pathToFileURL(require.resolve('@k8sta/notifier')).href,
        environment: {
          ...{ K8STA_NATS_URL: nats.url, K8STA_NATS_USER: user, K8STA_NATS_PASSWORD_FILE: passwordFile },
          ...{ K8STA_NOTIFY_RULES: rules, K8STA_NOTIFY_SECRETS: directory.path },
        },
      }),
    );
    await notifier.ready();
    return { notifier, notifications, stop: () => ends.stop() };
  });
}

/** The rules file, and the key that it names. Returns the path of the former. */
async function writeRules(directory: string, url: string, lasting: string | undefined): Promise<string> {
  const rules = join(directory, 'rules.yaml');
  const file = {
    receivers: [{ name: 'pager', webhook: { url, secretFile: 'key' } }],
    rules: [{ name: 'needs-a-person', to: ['pager'], ...(lasting !== undefined && { for: lasting }) }],
  };
  // JSON is YAML.
  await writeFile(rules, JSON.stringify(file));
  await writeFile(join(directory, 'key'), 'a-key-of-sixteen-characters', { mode: 0o600 });
  return rules;
}
