import type { Consumption } from '@k8sta/bus';
import type { CurrentTracks } from '../store/current-tracks.js';

/**
 * Consumes messages and answers operators only while the tracks files of this tracker are current. The returned function looks once: it calls
 * `begin` when they have become current, and stops what `begin` returned when others have.
 */
export function whileCurrent(
  current: Pick<CurrentTracks, 'isCurrent'>,
  begin: () => Promise<Consumption>,
): () => Promise<void> {
  let running: Consumption | undefined;
  return async () => {
    if (current.isCurrent() === (running !== undefined)) return;
    if (running) {
      await running.stop();
      running = undefined;
    } else {
      running = await begin();
    }
  };
}

/** Begins one after the other, and stops all of them together, also if one cannot begin. */
export async function together(...begins: readonly (() => Promise<Consumption>)[]): Promise<Consumption> {
  const running: Consumption[] = [];
  const stop = async () => void (await Promise.all(running.map((each) => each.stop())));
  try {
    for (const begin of begins) running.push(await begin());
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
