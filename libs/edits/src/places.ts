import { distinct } from './edits.js';
import { FileInvalid, PathMissing } from './file-invalid.js';
import type { Application } from './part.js';
import { readingOf } from './reading.js';
import { isAbout } from './reference.js';
import type { Place } from './renderer.js';
import type { Trees } from './tree.js';

const nothing = { places: [], images: [] };

/** The places from which an Application takes the image in these files, and what it renders; none where it does not. */
export async function placesNaming(
  trees: Trees,
  application: Application,
): Promise<{ places: Place[]; images: string[] }> {
  try {
    const read = await readingOf(trees, application);
    if (read.is === 'unsupported') return nothing;
    const ours = read.uses.filter((use) => isAbout(use.image, application.image));
    const places = ours.flatMap(({ ways: [way] }) => (way ? [way, ...(way.also ?? [])] : []));
    return { places: distinct(places), images: ours.map(({ image }) => image) };
  } catch (error) {
    if (error instanceof FileInvalid || error instanceof PathMissing) return nothing;
    throw error;
  }
}
