export type { Asked } from './ask.js';
export { type Bus, type BusConnection, type BusOptions, connectBus, type Stored } from './bus.js';
export type { Consumption, Handler, Received } from './consume.js';
export type { Log } from './log.js';
export { busMetrics } from './metrics.js';
export { done, later, never, type Outcome } from './outcome.js';
export type { StateBucket, StateEntry } from './state.js';
export { openTap, type Tap } from './tap.js';
export { type AnyUnwrapped, type Unreadable, type Unwrapped, unwrap, unwrapAny, type Wrapped, wrap } from './wrap.js';
