import { applicationKey } from '@k8sta/contracts';
import type { Application } from './part.js';
import type { Read, Rendered } from './reading.js';
import { isAbout } from './reference.js';
import { type Refusal, refuse } from './refusal.js';

/** An Application of the Station that does not use the image is left alone. */
export interface Skipped {
  readonly is: 'skipped';
  readonly message: string;
}

const notRunning = ', and none of its pods runs the image';

/** A source whose tool K8sTA does not know. A Station may have Applications that do not use the image, such as a database. */
export function unsupported(
  application: Application,
  { source: { type } }: Extract<Read, { is: 'unsupported' }>,
): Refusal | Skipped {
  const message = `the source of ${applicationKey(application)} is of type ${type}`;
  if (application.runs && runningOf(application) === undefined)
    return { is: 'skipped', message: `${message}${notRunning}` };
  return refuse('UnsupportedSource', `${message}; K8sTA edits Kustomize, Helm and plain directories`);
}

/** Skips an Application that does not use the image. Refuses one that runs it, because it would keep the old image. */
export function notNamed(application: Application, { renderings }: Rendered): Refusal | Skipped {
  const why = renderings.map((each) => `${each.file} ${each.whyNotNamed(application.image)}`).join('; ');
  const running = runningOf(application);
  if (running === undefined) return { is: 'skipped', message: `${why}${application.runs ? notRunning : ''}` };
  const isUnsupported = renderings.some((each) => each.isUnsupported);
  return refuse(
    isUnsupported ? 'UnsupportedSource' : 'ImageNotNamed',
    `${applicationKey(application)} runs ${running}, but ${why}; name the file and the key under \`edit\` of the Station`,
  );
}

/** What the pods run of the image's repository, or of an alias. */
export function runningOf({ image, runs = [] }: Application): string | undefined {
  return runs.find((each) => isAbout(each, image));
}
