import { z } from 'zod';
import type { TrackState } from '../ride/state.js';

const pause = z.looseObject({ by: z.string(), message: z.string().optional(), at: z.string().optional() });
export type Pause = z.infer<typeof pause>;

/** The parts of a Track's state that operators change; each is absent from a Track that nobody has changed. */
const marks = z.looseObject({
  paused: z.looseObject({ track: pause.optional(), stations: z.record(z.string(), pause).optional() }).optional(),
  lanes: z.record(
    z.string(),
    z.looseObject({
      entered: z.record(z.string(), z.looseObject({ ticket: z.string() })).optional(),
      arrivals: z.record(z.string(), z.array(z.looseObject({ ticket: z.string() }))).optional(),
    }),
  ),
});

/** Who paused the whole Track, or this Station. */
export function pauseOf(state: TrackState, station?: string): Pause | undefined {
  const { paused } = marks.safeParse(state).data ?? {};
  return station === undefined ? paused?.track : paused?.stations?.[station];
}

/** Whether something arrived at the Station, on any lane, before what entered it last. */
export function hasEarlierArrival(state: TrackState, station: string): boolean {
  const { lanes = {} } = marks.safeParse(state).data ?? {};
  return Object.values(lanes).some(({ entered, arrivals }) => {
    const newest = entered?.[station]?.ticket;
    return (arrivals?.[station] ?? []).some(({ ticket }) => ticket !== newest);
  });
}
