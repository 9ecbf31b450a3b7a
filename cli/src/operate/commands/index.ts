import type { Command } from 'commander';
import { addApprove } from './approve.js';
import { addCancel } from './cancel.js';
import { addCheck } from './check.js';
import { addExpress } from './express.js';
import { addHistory } from './history.js';
import { addNatsUser } from './nats-user.js';
import { addPause } from './pause.js';
import { addPromote } from './promote.js';
import { addResume } from './resume.js';
import { addRetry } from './retry.js';
import { addRollback } from './rollback.js';
import { addTicket } from './ticket.js';
import { addTickets } from './tickets.js';

/** The commands that speak to a running K8sTA, in the order of the help. */
export const operatingCommands: readonly ((program: Command) => void)[] = [
  addTickets,
  addTicket,
  addHistory,
  addApprove,
  addCheck,
  addPause,
  addResume,
  addPromote,
  addRetry,
  addExpress,
  addCancel,
  addRollback,
  addNatsUser,
];
