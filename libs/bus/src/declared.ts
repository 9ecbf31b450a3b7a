import type { EventType, EventUse, Uses } from '@k8sta/contracts';
import { usesEvent } from '@k8sta/contracts';

/** A service did something on the bus that it does not declare, and that NATS would refuse its user: a bug. */
export class Undeclared extends TypeError {
  override readonly name = 'Undeclared';
}

/** Refuses what a service does not declare, also on a bus without users, so that a test with a missing permission fails. */
export class Declared {
  readonly #service: string;
  readonly #uses: Uses;

  constructor(service: string, uses: Uses) {
    this.#service = service;
    this.#uses = uses;
  }

  event(use: EventUse, type: EventType): void {
    if (!usesEvent(this.#uses, use, type)) {
      const list = { publishes: 'publishers', consumes: 'consumers', reads: 'readers' }[use];
      this.#refuse(`${use} ${type}`, `add it to the event's ${list} in libs/contracts/src/events`);
    }
  }

  question(use: 'asks' | 'answers', subject: string): void {
    if (!this.#uses[use].some((question) => question.subject === subject)) {
      this.#refuse(`${use} ${subject}`, 'libs/contracts/src/questions.ts says who may');
    }
  }

  keeping(what: string): void {
    if (!this.#uses.keepsStreams)
      this.#refuse(`uses ${what}`, "it is the stream keeper's, in libs/contracts/src/streams.ts");
  }

  tickets(): void {
    if (!this.#uses.readsTickets)
      this.#refuse('looks up Tickets', 'add it to ticketReaders in libs/contracts/src/streams.ts');
  }

  #refuse(what: string, advice: string): never {
    throw new Undeclared(`${this.#service} ${what} without declaring it: ${advice}, then npm run generate`);
  }
}
