import { connect } from 'nats';
import { z } from 'zod';

/** What the services published since the recording began. */
export interface History {
  /** When each event type was published, in milliseconds since 1970, by Ticket and Station. */
  readonly steps: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** How each Ticket ended. */
  readonly ended: ReadonlyMap<string, string>;
  /** The messages of `promotion.delayed`. */
  readonly delays: readonly string[];
  /** What the recording itself has received from nats-server. */
  heard(): { readonly messages: number; readonly bytes: number };
  close(): Promise<void>;
}

const event = z.object({
  type: z.string(),
  time: z.iso.datetime(),
  ticketid: z.string().optional(),
  data: z.object({ station: z.string().optional(), message: z.string().optional(), reason: z.string().optional() }),
});

/** Records every event from now on. */
export async function recordHistory(servers: string): Promise<History> {
  const connection = await connect({ servers });
  const steps = new Map<string, Record<string, number>>();
  const ended = new Map<string, string>();
  const delays: string[] = [];
  const record = (text: string) => {
    const { type, time, ticketid = '', data } = event.parse(JSON.parse(text));
    const key = `${ticketid}/${data.station ?? ''}`;
    const known = steps.get(key) ?? {};
    steps.set(key, known);
    known[type] ??= Date.parse(time);
    if (type === 'promotion.delayed') delays.push(data.message ?? '');
    const outcome = /^ticket\.(completed|failed|superseded)$/.exec(type)?.[1];
    if (outcome) ended.set(ticketid, data.message === undefined ? outcome : `${outcome}: ${data.message}`);
  };
  for (const subject of ['k8sta.ticket.>', 'k8sta.promotion.>']) {
    connection.subscribe(subject, { callback: (_error, message) => record(message.string()) });
  }
  await connection.flush();
  const heard = () => {
    const { inMsgs: messages, inBytes: bytes } = connection.stats();
    return { messages, bytes };
  };
  return { steps, ended, delays, heard, close: () => connection.close() };
}
