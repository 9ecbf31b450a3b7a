/** The part of the board that a browser needs too: no import here may need Node.js. */
export { age } from './age.js';
export type { LeadTime } from './lead-times.js';
export { type Condition, conditionLooks, ticketLooks } from './looks.js';
export type { Pause } from './pauses.js';
export type { Tone } from './row.js';
export type { Found } from './search.js';
export type { ApplicationModel, StationModel } from './station.js';
export type { ProposalModel, TicketModel } from './ticket.js';
export type { FindingModel, TrackModel } from './track.js';
