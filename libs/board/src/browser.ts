/** The part of the board that a browser needs too: no import here may need Node.js. */
export { age } from './age.js';
export type { LeadTime } from './lead-times.js';
export { conditionLooks, isEnded, ticketLooks } from './looks.js';
export type { Pause } from './pauses.js';
export type { Found } from './search.js';
export type { StationModel } from './station.js';
export type { ProposalModel, TicketModel } from './ticket.js';
export type { FindingModel, TrackModel } from './track.js';
