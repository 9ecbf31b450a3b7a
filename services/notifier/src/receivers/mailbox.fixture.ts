import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { until } from '@k8sta/sandbox';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

/** A real SMTP server on 127.0.0.1 that keeps what it gets. */
export interface Mailbox {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Refuses the next messages with these codes, after their data. */
  refuse(...codes: number[]): void;
  count(mails: number): Promise<readonly Mail[]>;
  stop(): Promise<void>;
}

export const mailPassword = 'smtp-secret';

export async function startMailbox(tls?: { key: string; cert: string }): Promise<Mailbox> {
  const mails: Mail[] = [];
  const refusals: number[] = [];
  const server = new SMTPServer({
    ...(tls ?? { disabledCommands: ['STARTTLS'], allowInsecureAuth: true }),
    authMethods: ['PLAIN'],
    onAuth({ username = '', password }, _session, callback) {
      if (password === mailPassword) callback(null, { user: username });
      else callback(Object.assign(new Error('authentication failed'), { responseCode: 535 }));
    },
    onData(stream, { envelope }, callback) {
      text(stream).then((raw) => {
        const code = refusals.shift();
        if (code !== undefined) return callback(Object.assign(new Error('not now'), { responseCode: code }));
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw });
        return callback();
      }, callback);
    },
  });
  // A client that gives up a connection is no fault of the server.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as { port: number }).port,
    mails,
    refuse: (...codes) => void refusals.push(...codes),
    async count(count) {
      await until(() => mails.length >= count, { what: `${count} mails`, deadlineMs: 30_000 });
      return mails;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A header of the mail, unfolded. */
export function headerOf({ raw }: Mail, name: string): string | undefined {
  const unfolded = raw.split(/\r?\n\r?\n/)[0]?.replaceAll(/\r?\n[ \t]+/g, ' ') ?? '';
  return new RegExp(`^${name}: (.*)$`, 'im').exec(unfolded)?.[1]?.trim();
}
