import { setTimeout as pause } from 'node:timers/promises';
import { formatImage, type ImageRef } from '@k8sta/contracts';
import { withTimeout } from '@k8sta/runtime';
import { subscribers, type Track } from '@k8sta/tracks';
import pLimit from 'p-limit';
import type { Delivery, Push } from '../senders/sender.js';
import type { RegistryClient } from './client.js';
import { RegistryFault } from './fault.js';

/** Why a push is not believed. */
type ContradictedReason = 'TagNotInRegistry' | 'DigestDiffers';

/** The registry says something else than the delivery about all pushes that a Track subscribes to. */
export interface Contradicted {
  readonly contradicted: ContradictedReason;
  readonly message: string;
}

/** The registry could not be asked, so it is unknown whether the delivery is true. */
export interface Unverifiable {
  readonly unverifiable: RegistryFault;
}

export interface VerifierOptions {
  /** The senders whose pushes are believed only if the registry says the same. */
  readonly senders: ReadonlySet<string>;
  readonly client: Pick<RegistryClient, 'digest'>;
  readonly tracks: readonly Track[];
  /** How long the registries may take for one delivery, in milliseconds. */
  readonly withinMs: number;
  /** How long after a tag was missing it is looked up once more, in milliseconds. Default: a second. */
  readonly againMs?: number;
}

/** How many tags are looked up at the same time. A stranger cannot cause a look-up, but a sender could cause very many. */
const atATime = 16;

/** Compares what senders announce with their registries. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #limit = pLimit(atATime);
  /** Look-ups that run. A push of an image with six platforms is announced six times at once. */
  readonly #running = new Map<string, Promise<string | undefined>>();

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /**
   * The delivery with the digests that the registries give, if its sender is one of those that are verified. It asks only about
   * images that a Track subscribes to. What the registry contradicts becomes a fault of the delivery, unless nothing else is left.
   */
  async verify(sender: string, delivery: Delivery): Promise<Delivery | Contradicted | Unverifiable> {
    const { senders, withinMs } = this.#options;
    if (!senders.has(sender)) return delivery;
    try {
      return outcomeOf(delivery, await withTimeout(withinMs, this.#judge(delivery.pushes)));
    } catch (error) {
      if (error instanceof RegistryFault) return { unverifiable: error };
      const message = `the registry did not answer within ${withinMs} ms`;
      return { unverifiable: new RegistryFault('RegistryUnreachable', message) };
    }
  }

  #judge(pushes: readonly Push[]): Promise<Judged[]> {
    return Promise.all(
      pushes.map(async (push): Promise<Judged> => {
        const { repository, tag } = push.image;
        if (subscribers(this.#options.tracks, repository, tag).length === 0) return { push, isAsked: false };
        const digest = await this.#digest(repository, tag);
        return judge(push, digest);
      }),
    );
  }

  #digest(repository: string, tag: string): Promise<string | undefined> {
    const key = `${repository}:${tag}`;
    const running = this.#running.get(key);
    if (running) return running;
    const asked = this.#lookUp(repository, tag);
    this.#running.set(key, asked);
    const forget = () => void this.#running.delete(key);
    asked.then(forget, forget);
    return asked;
  }

  /** A registry may announce a tag a moment before it shows it, and not every sender posts again. */
  async #lookUp(repository: string, tag: string): Promise<string | undefined> {
    const { client, againMs = 1_000 } = this.#options;
    const ask = () => this.#limit(() => client.digest(repository, tag));
    const digest = await ask();
    if (digest !== undefined) return digest;
    await pause(againMs);
    return ask();
  }
}

type Judged = { readonly push: Push; readonly isAsked: boolean } | Contradicted;

function judge({ image, pushedAt }: Push, digest: string | undefined): Judged {
  if (digest === undefined) return contradicted('TagNotInRegistry', image, 'the registry has no such tag');
  if (image.digest !== undefined && image.digest !== digest) {
    return contradicted('DigestDiffers', image, 'the registry has another digest');
  }
  return { push: { image: { ...image, digest }, pushedAt }, isAsked: true };
}

function contradicted(reason: ContradictedReason, image: ImageRef, why: string): Contradicted {
  return { contradicted: reason, message: `${formatImage(image)}: ${why}` };
}

function outcomeOf(delivery: Delivery, judged: readonly Judged[]): Delivery | Contradicted {
  const wrong = judged.filter((each) => 'contradicted' in each);
  const believed = judged.filter((each) => 'push' in each);
  const [first] = wrong;
  if (first && !believed.some(({ isAsked }) => isAsked)) return first;
  const faults = [...(delivery.faults ?? []), ...firstOf(wrong.map(({ message }) => message))];
  return { ...delivery, pushes: believed.map(({ push }) => push), ...(faults.length > 0 && { faults }) };
}

/** An answer names only the first few. */
function firstOf(messages: readonly string[]): string[] {
  const most = 3;
  return messages.length > most ? [...messages.slice(0, most), `${messages.length - most} more`] : [...messages];
}
