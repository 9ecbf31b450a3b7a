import { randomUUID } from 'node:crypto';
import type { Bus, Log } from '@k8sta/bus';
import { eventId, type OperatorWord, operatorWord, ticketId, type WordVerb } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Said } from './words.js';

/** Who says a word, why, and under which id of a request. */
export interface Speech {
  readonly by: string;
  readonly actor: string;
  readonly message?: string | undefined;
  readonly id?: string | undefined;
}

/** A word that the bus has stored. */
export interface StoredWord {
  readonly sequence: number;
  readonly word: OperatorWord;
}

/** Stores words, each once for each id of a request. */
export interface Voice {
  /** The word that was stored for this request before; undefined if none was. */
  before(track: Track, verb: WordVerb, speech: Speech): Promise<StoredWord | undefined>;
  /** Resolves once the bus has stored the word. */
  say(track: Track, said: Said, speech: Speech): Promise<StoredWord>;
}

export function voiceOn(bus: Pick<Bus, 'publish' | 'last' | 'at'>, log: Log, now: () => Date): Voice {
  return {
    async before({ name }, verb, speech) {
      if (speech.id === undefined) return undefined;
      const last = await bus.last('operator.word', { track: name, verb });
      return last?.id === idOf(name, verb, speech) ? storedAs(last.sequence, last.data) : undefined;
    },
    async say({ name: track }, said, speech) {
      const { by, message } = speech;
      const head = { track, by, at: now().toISOString(), ...(message !== undefined && { message }) };
      const word = { ...head, ...said } as OperatorWord;
      const id = idOf(track, said.verb, speech);
      const about = ticketOfWord(word);
      const event = { type: 'operator.word', id, data: word, ...(about && { ticketId: about }) } as const;
      const { sequence, duplicate } = await bus.publish(event);
      log.info({ verb: said.verb, track, by, sequence, duplicate, ticketid: about }, 'word of an operator stored');
      // The first request may have been answered by another replica, and by another state.
      const first = duplicate ? await bus.at('operator.word', sequence) : undefined;
      return first ? storedAs(sequence, first.data) : { sequence, word };
    },
  };
}

/** The Ticket that the word opens, or is about. */
export function ticketOfWord(word: OperatorWord): string | undefined {
  if ('attempt' in word) return ticketId(word.track, word.image, word.attempt);
  return 'ticket' in word ? word.ticket : undefined;
}

function storedAs(sequence: number, data: unknown): StoredWord {
  return { sequence, word: operatorWord.parse(data) };
}

/** A request that carries an id is one word, however often it is sent; any other is a word each time. */
function idOf(track: string, verb: WordVerb, { actor, id }: Speech): string {
  return eventId('operator.word', track, verb, actor, id ?? randomUUID());
}
