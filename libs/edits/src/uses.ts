import { runningOf } from './not-named.js';
import type { Application } from './part.js';
import type { Rendered } from './reading.js';
import { isAbout, splitReference } from './reference.js';
import type { Use } from './renderer.js';

/** The uses of the image that the files show: those that are on, or else those that are off. */
export function shownIn({ uses }: Rendered, { image }: Application): Use[] {
  const ours = uses.filter((use) => isAbout(use.image, image));
  const on = ours.filter(({ isOff }) => !isOff);
  return on.length > 0 ? on : ours;
}

/** The uses of the image: those that the files show, or else what the pods run, where the files do not show everything. */
export function usesOf(read: Rendered, application: Application): Use[] {
  const { renderings } = read;
  const ours = shownIn(read, application);
  if (ours.some(({ isOff }) => !isOff)) return ours;
  const running = runningOf(application);
  if (ours.length > 0) return application.runs && running === undefined ? [] : ours;
  const insertion = renderings.find((each) => each.insertion)?.insertion;
  if (running === undefined || insertion === undefined) return [];
  return [{ image: running, ways: [{ ...insertion, spelling: splitReference(running).name }] }];
}
