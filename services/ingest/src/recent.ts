import { type ImageRef, ticketId } from '@k8sta/contracts';
import { type Opening, ofTicket } from './open-tickets.js';

/** Two senders announce the same push within seconds, or a minute if one of them retries. */
const rememberedMs = 5 * 60 * 1000;
const mostRemembered = 1_000;

interface Remembered {
  readonly until: number;
  /** As the Ticket names it. */
  readonly image: ImageRef;
  /** The digest that any of the announcements knew. */
  readonly digest: string | undefined;
}

/**
 * The images for which Tickets were opened lately. A push may be announced twice, by a registry that knows its digest and by
 * one that does not, and the id of a Ticket depends on the digest. Only this replica remembers. Replicas find each other's Tickets by
 * the id of the message (`TicketPublisher`), as long as JetStream remembers it.
 */
export class RecentImages {
  readonly #images = new Map<string, Remembered>();

  /**
   * The opening, of the Ticket for the same tag where there is one and their digests do not differ. It opens that Ticket if
   * it does not exist after all, so a join loses nothing.
   */
  join(opening: Opening, now: Date): Opening {
    const { track, image } = opening.event.data;
    this.#forget(now.getTime());
    const key = `${track}/${image.repository}:${image.tag}`;
    const before = this.#images.get(key);
    const isSame = before && (!before.digest || !image.digest || before.digest === image.digest);
    const known = isSame ? before : { image, digest: undefined };
    this.#images.delete(key);
    this.#images.set(key, {
      until: now.getTime() + rememberedMs,
      image: known.image,
      digest: known.digest ?? image.digest,
    });
    if (known.image.digest === image.digest) return opening;
    return ofTicket(opening, ticketId(track, known.image), { image: { ...known.image } });
  }

  #forget(now: number): void {
    for (const [key, { until }] of this.#images) {
      if (until > now && this.#images.size < mostRemembered) break;
      this.#images.delete(key);
    }
  }
}
