import type { z } from 'zod';
import { escapeToken, subjectOf, type TokensOf } from './subject.js';

export type Service = 'ingest' | 'tracker' | 'promoter' | 'argo-watcher' | 'board' | 'notifier';

/** The definition of one type of event; the catalogue is a list of these. */
export interface EventDefinition<
  Type extends string = string,
  Schema extends z.ZodObject = z.ZodObject,
  Pattern extends string = string,
> {
  readonly type: Type;
  readonly schema: Schema;
  /** One line for the generated reference. */
  readonly summary: string;
  readonly stream: StreamName;
  /** `k8sta.ticket.{track}.opened`: each placeholder is one escaped subject token. */
  readonly pattern: Pattern;
  /** The tokens that fill the pattern, read from the event's own data. */
  readonly tokens: (data: z.infer<Schema>) => NoInfer<TokensOf<Pattern>>;
  readonly publishers: readonly Service[];
  /** The only value of a token that a publisher may use; its permission, and the bus, refuse every other. */
  readonly only?: { readonly [Each in Service]?: { readonly [Token in keyof TokensOf<Pattern>]?: string } };
  /** The services that consume it, each with a durable of its own. */
  readonly consumers: readonly Service[];
  /** The services that read it back from the stream (`last`, `since`, `stored`), without a durable. */
  readonly readers?: readonly Service[];
}

export type StreamName = 'K8STA' | 'K8STA_APPLICATIONS' | 'K8STA_DELIVERIES' | 'K8STA_DEAD';

/** An event before it is wrapped: its type, its deterministic id and its data. */
export interface EventOf<Definition extends Pick<EventDefinition, 'type' | 'schema'>> {
  readonly type: Definition['type'];
  readonly id: string;
  readonly data: z.infer<Definition['schema']>;
  readonly ticketId?: string | undefined;
  /** W3C trace context of its cause, passed from event to event. */
  readonly traceparent?: string | undefined;
}

export function defineEvent<Type extends string, Schema extends z.ZodObject, Pattern extends string>(
  definition: EventDefinition<Type, Schema, Pattern>,
): EventDefinition<Type, Schema, Pattern> {
  return definition;
}

/** The subject an event is published on. */
export function subjectFor<Schema extends z.ZodObject>(
  definition: EventDefinition<string, Schema>,
  data: z.infer<Schema>,
): string {
  return subjectOf(definition.pattern, definition.tokens(data));
}

/** The NATS user of a service, which also names its durables; each Argo CD instance has an argo-watcher of its own. */
export function userOf(service: Service, instance = 'default'): string {
  return instance === 'default' ? service : `${service}-${instance}`;
}

/** The durable with which a service consumes events of this type. */
export function durableOf(service: string, type: string): string {
  return `${service}-${type.replaceAll('.', '_')}`;
}

/** The pattern with the given tokens filled in. */
export function filled(pattern: string, tokens: Readonly<Record<string, string | undefined>>): string {
  return pattern.replace(/\{([a-z]+)\}/gi, (placeholder, key: string) => {
    const value = tokens[key];
    return value === undefined ? placeholder : escapeToken(value);
  });
}

/** The pattern of an event with the tokens that this publisher may not choose filled in. */
export function patternFor(service: string, { pattern, only }: Pick<EventDefinition, 'pattern' | 'only'>): string {
  return filled(pattern, only?.[service as Service] ?? {});
}

/** The pattern with `*` for each placeholder: what a consumer filters by and a permission names. */
export function filterFor(definition: Pick<EventDefinition, 'pattern'>): string {
  return definition.pattern.replace(/\{[a-z]+\}/gi, '*');
}
