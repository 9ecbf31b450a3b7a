import type { Bus, Handler, Outcome, Received } from '@k8sta/bus';
import { definitionOf, type EventType, eventForOwner, toReplica } from '@k8sta/contracts';
import { formatIssues } from '@k8sta/text';
import type { z } from 'zod';
import type { AskOwner } from './ask-owner.js';
import type { Owners } from './owner.js';

/** What an event of any type has, with its place in the stream. */
type AnyReceived = Pick<
  Received<EventType>,
  'type' | 'id' | 'time' | 'sequence' | 'deliveries' | 'ticketId' | 'traceparent'
> & { readonly data: object };

/** Handles an event for these of the Tracks that it concerns. */
export type TracksHandler<Type extends EventType> = (
  event: Received<Type>,
  tracks: readonly string[],
) => Promise<Outcome>;

/** Gives the events to the owners of the Tracks that they concern. */
export interface PassOn {
  /** What a consumer calls: `handle` runs at the owner of each Track, or here if the owner does not answer. */
  toOwners<Type extends EventType>(
    type: Type,
    concerned: (event: Received<Type>) => readonly string[],
    handle: TracksHandler<Type>,
  ): Handler<Type>;
  /** Handles what other replicas pass on. It is never passed on again, so that no event goes round in a circle. */
  answer(): void;
}

export interface PassOnOptions {
  readonly bus: Pick<Bus, 'answer'>;
  readonly self: string;
  readonly owners: Pick<Owners, 'ownerOf'>;
  readonly askOwner: AskOwner;
}

export function passOn({ bus, self, owners, askOwner }: PassOnOptions): PassOn {
  const handlers = new Map<string, TracksHandler<EventType>>();

  const byOwner = (tracks: readonly string[]): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const track of tracks) {
      const owner = owners.ownerOf(track) ?? self;
      const its = found.get(owner);
      if (its) its.push(track);
      else found.set(owner, [track]);
    }
    return found;
  };

  const pass = async (owner: string, event: AnyReceived, tracks: readonly string[]) => {
    const reply = await askOwner(eventForOwner, owner, requestOf(event, tracks), event.traceparent);
    return reply && outcomeOf(reply);
  };

  return {
    toOwners(type, concerned, handle) {
      // The compiler cannot see that the handler that is found by a type is of that type.
      handlers.set(type, handle as unknown as TracksHandler<EventType>);
      return async (event) => {
        const tracks = concerned(event);
        const parts = byOwner(tracks);
        if (parts.size === 0 || (parts.size === 1 && parts.has(self))) return handle(event, tracks);
        const outcomes = [...parts].map(async ([owner, its]) =>
          owner === self ? handle(event, its) : ((await pass(owner, event, its)) ?? handle(event, its)),
        );
        return together(await Promise.all(outcomes));
      };
    },
    answer() {
      bus.answer(toReplica(eventForOwner, self), async (request) => {
        const handle = handlers.get(request.type);
        if (!handle) throw new Error(`this tracker does not consume ${request.type} now`);
        return handle(eventOf(request), request.tracks);
      });
    },
  };
}

function requestOf(
  { type, id, time, sequence, deliveries, ticketId, traceparent, data }: AnyReceived,
  tracks: readonly string[],
): z.input<typeof eventForOwner.request> {
  return {
    ...{ type, id, time: time.toISOString(), sequence, deliveries, tracks: [...tracks], data: { ...data } },
    ...(ticketId !== undefined && { ticketid: ticketId }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** Throws if the data is not that of the event's type: the replica that asks handles the event itself then. */
function eventOf(request: z.output<typeof eventForOwner.request>): Received<EventType> {
  const { type, id, time, sequence, deliveries, ticketid, traceparent } = request;
  const data = definitionOf(type)?.schema.safeParse(request.data);
  if (!data?.success) throw new TypeError(`the data does not match ${type}: ${data ? formatIssues(data.error) : ''}`);
  return {
    ...{ type, id, time: new Date(time), sequence, deliveries, data: data.data },
    ...(ticketid !== undefined && { ticketId: ticketid }),
    ...(traceparent !== undefined && { traceparent }),
  } as Received<EventType>;
}

function outcomeOf(reply: z.output<typeof eventForOwner.reply>): Outcome {
  switch (reply.is) {
    case 'done':
      return { is: 'done' };
    case 'later':
      return { is: 'later', delayMs: reply.delayMs ?? 1_000, because: reply.because ?? 'the owner says so' };
    case 'never':
      return { is: 'never', reason: reply.reason ?? 'impossible', cause: reply.cause ?? 'the owner says so' };
  }
}

/** The message comes again as long as one owner wants it so; the others tolerate the repeat. */
function together(outcomes: readonly Outcome[]): Outcome {
  const first = (is: Outcome['is']) => outcomes.find((outcome) => outcome.is === is);
  return first('later') ?? first('never') ?? { is: 'done' };
}
