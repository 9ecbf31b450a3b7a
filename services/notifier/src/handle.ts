import type { Bus, Outcome, Received } from '@k8sta/bus';
import type { AnyPlaced, NoticeType } from './notice.js';

/** Handles an event that has been delivered so many times. */
export type Dispatch = (event: AnyPlaced, deliveries: number) => Promise<Outcome>;

type Consumed = Exclude<NoticeType, 'dead.letter'> | 'ticket.promoting' | 'ticket.syncing';

/** Connects the bus to the receivers. */
export async function handle(bus: Bus, dispatch: Dispatch): Promise<void> {
  // The type of an event belongs to its data, which the compiler cannot see through the generic type.
  const take = <Type extends Consumed>(event: Received<Type>) =>
    dispatch(event as unknown as AnyPlaced, event.deliveries);
  await bus.consume('ticket.waiting', take);
  await bus.consume('ticket.promoting', take);
  await bus.consume('ticket.syncing', take);
  await bus.consume('ticket.arrived', take);
  await bus.consume('ticket.completed', take);
  await bus.consume('ticket.failed', take);
  await bus.consume('ticket.rollingBack', take);
  await bus.consume('ticket.superseded', take);
  await bus.consume('ticket.cancelled', take);
  await bus.consume('promotion.proposed', take);
  await bus.consume('operator.word', take);
  await bus.consume('track.checked', take);
}
