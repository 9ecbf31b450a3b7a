import { type EventType, type EventUse, patternFor, tokensOf, type Uses, usesEvent } from '@k8sta/contracts';

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

  /** Refuses the subject of an event if the service may fill its tokens only in a certain way. */
  subject(type: EventType, subject: string): void {
    const definition = this.#uses.publishes.find((each) => each.type === type);
    if (definition?.only && !tokensOf(patternFor(this.#service, definition), subject)) {
      this.#refuse(`publishes ${type} on ${subject}`, "see the event's `only` in libs/contracts/src/events");
    }
  }

  api(): void {
    if (!this.#uses.servesApi) this.#refuse('answers the API', 'add it to libs/contracts/src/streams.ts');
  }

  question(use: 'asks' | 'answers', subject: string): void {
    if (!this.#uses[use].some((question) => question.subject === subject)) {
      this.#refuse(`${use} ${subject}`, 'libs/contracts/src/questions.ts says who may');
    }
  }

  announcement(subject: string): void {
    if (!this.#uses.announces.some((announcement) => announcement.subject === subject)) {
      this.#refuse(`announces ${subject}`, 'libs/contracts/src/announcements.ts says who may');
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

  notices(): void {
    if (!this.#uses.keepsNotices)
      this.#refuse('uses the bucket of notices', "it is the notice keeper's, in libs/contracts/src/streams.ts");
  }

  #refuse(what: string, advice: string): never {
    throw new Undeclared(`${this.#service} ${what} without declaring it: ${advice}, then npm run generate`);
  }
}
