import type { Bus, Log } from '@k8sta/bus';
import { stateKey, ticketSchema } from '@k8sta/contracts';
import type { Input } from './ride/event.js';
import type { ElsewhereQuestion } from './ride/questions.js';
import type { TrackKeeper } from './store/track-keeper.js';
import { UnderWay } from './under-way.js';

/**
 * Looks up what Tickets have to know of other Tracks, each once at a time, and passes the answer on as an input. What is asked
 * again meanwhile is looked up again afterwards: the other Track may have changed since the first look.
 */
export function lookups(bus: Pick<Bus, 'state'>, keeper: Pick<TrackKeeper, 'current'>, log: Log) {
  const asking = new UnderWay();
  const askedAgain = new Set<string>();

  const lookUp = async ({ ticket, image, about }: ElsewhereQuestion): Promise<Input> => {
    const found = { type: 'elsewhereKnown', ticket, about } as const;
    if (about.is === 'arrival') {
      const lane = (await keeper.current(about.track))?.state.lanes[image.repository];
      const has = lane?.arrivals[about.station]?.some((arrival) => arrival.image.tag === image.tag);
      return has ? { ...found, is: 'arrived' } : found;
    }
    const entry = await bus.state.get(stateKey.ticket(about.track, about.ticket));
    const state = entry && ticketSchema.parse(JSON.parse(entry.value)).state;
    switch (state?.is) {
      case 'completed':
        return { ...found, is: 'completed' };
      case 'superseded':
        // Without a successor, a higher version is there already.
        return state.by === undefined ? { ...found, is: 'completed' } : { ...found, is: 'superseded', by: state.by };
      case 'failed':
      case 'cancelled':
        return { ...found, is: state.is, message: state.message };
      default:
        return found;
    }
  };

  const once = (question: ElsewhereQuestion, take: (answer: Input) => Promise<void>, failed: () => void): void => {
    const key = JSON.stringify(question);
    const ask = () =>
      lookUp(question)
        .then(take)
        .catch((err: unknown) => {
          log.warn({ err, about: question.about }, 'another Track could not be looked up');
          failed();
        });
    const isStarted = asking.start(key, ask, () => {
      if (askedAgain.delete(key)) once(question, take, failed);
    });
    if (!isStarted) askedAgain.add(key);
  };

  return { once, settled: () => asking.settled() };
}
