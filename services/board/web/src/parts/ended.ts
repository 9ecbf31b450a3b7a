import type { TicketModel } from '@k8sta/board/browser';

export function isEnded(is: TicketModel['is']): boolean {
  return is === 'completed' || is === 'failed' || is === 'superseded' || is === 'cancelled';
}
