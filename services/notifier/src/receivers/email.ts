import { createHash } from 'node:crypto';
import { withTimeout } from '@k8sta/runtime';
import { sanitizeLine } from '@k8sta/text';
import { createTransport } from 'nodemailer';
import type { Message } from '../message/message.js';
import type { ReceiverSpec } from '../rules/rule.js';
import type { Delivery, Receiver, Sent } from './receiver.js';
import { faultOf, redact, secretIn } from './secret.js';
import type { ReceiverOptions } from './slack.js';

export type EmailSpec = Extract<ReceiverSpec, { kind: 'email' }>;

/**
 * E-mail over SMTP. The Message-ID is made from the id of the delivery: the mail systems that drop a second message with the
 * same Message-ID show a repeat once. The replies of a thread refer to its first message and have its subject.
 */
export function email(spec: EmailSpec, { secrets, timeoutMs }: ReceiverOptions): Receiver {
  const { name, from, to, secretFile, user } = spec;
  const secret = secretFile === undefined ? undefined : secretIn(secrets, secretFile, () => undefined);
  return {
    ...{ name, abilities: { edits: false, replies: true }, knowsRepeats: true },
    check: async () => (secret ? faultOf(secret) : undefined),
    async send(delivery) {
      const read = (await secret?.read()) ?? { value: '' };
      if ('fault' in read) return { is: 'unsent', why: read.fault };
      const auth = secret ? { auth: { user: user ?? from, pass: read.value } } : {};
      const transport = createTransport({ ...connectionOf(spec, timeoutMs), ...auth });
      const messageId = messageIdOf(delivery.id, from);
      try {
        // Each step has the time-out; this bounds all of them together.
        await withTimeout(2 * timeoutMs, transport.sendMail({ from, to: [...to], messageId, ...contentOf(delivery) }));
        return { is: 'sent', ref: delivery.ref ?? { id: messageId, subject: delivery.message.subject } };
      } catch (error) {
        return failureOf(error as SmtpError, read.value);
      } finally {
        transport.close();
      }
    },
  };
}

function connectionOf({ host, port, tls }: EmailSpec, timeoutMs: number) {
  return {
    ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
    // Nothing in a message may name a file or an address to attach.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  };
}

function messageIdOf(id: string, from: string): string {
  const domain = /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'k8sta.invalid';
  return `<${createHash('sha256').update(id).digest('hex').slice(0, 32)}@${domain}>`;
}

function contentOf({ message, ref }: Delivery) {
  const headers = { 'Auto-Submitted': 'auto-generated' };
  if (!ref) return { subject: message.subject, text: textOf(message), headers };
  const thread = { inReplyTo: ref.id, references: ref.id };
  // Some programs group messages by their subject as well, so the new one is the first line.
  return {
    subject: `Re: ${ref.subject ?? message.subject}`,
    text: `${message.subject}\n\n${textOf(message)}`,
    headers,
    ...thread,
  };
}

function textOf({ body, links }: Message): string {
  return [body, links.map(({ title, url }) => `${title}: ${url}`).join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

type SmtpError = Error & { code?: string; responseCode?: number };

/** Faults of what we would send: nodemailer finds them without a server. */
const own = ['EENVELOPE', 'EMESSAGE', 'EAUTH'];

/** The connection was not even made. */
const beforeSending = ['EDNS', 'ETLS'];

function failureOf({ code = '', responseCode, message }: SmtpError, secret: string): Sent {
  const why = sanitizeLine(redact(message, secret), 200);
  // https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1: 4yz may work later, 5yz does not.
  if (responseCode !== undefined) return { is: responseCode >= 500 ? 'refused' : 'unsent', why };
  if (own.includes(code)) return { is: 'refused', why };
  return { is: beforeSending.includes(code) || message.includes('ECONNREFUSED') ? 'unsent' : 'unsure', why };
}
