import type { EventType } from '@k8sta/contracts';
import type { Outcome } from './outcome.js';
import type { Unwrapped } from './wrap.js';

/** An event with its place in the stream. */
export interface Received<Type extends EventType> extends Unwrapped<Type> {
  /** Its stream sequence: the order in which the bus stored it. */
  readonly sequence: number;
  /** How often it has been delivered, including this time. */
  readonly deliveries: number;
}

export type Handler<Type extends EventType> = (event: Received<Type>) => Promise<Outcome>;
