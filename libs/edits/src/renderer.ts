import type { EditSource, ImageTarget, WantedImage } from '@k8sta/contracts';
import type { Named } from './part.js';
import type { Refusal } from './refusal.js';
import type { Trees } from './tree.js';

/** A place in a file that names an image. */
export interface Place {
  readonly file: string;
  readonly target: ImageTarget;
}

/** A place where an image can be changed, and what an inserted entry must be called there. */
export interface Way extends Place {
  /** Places that have to change along with it, such as a digest with a key of its own. */
  readonly also?: readonly Place[];
  /** Only while no Application outside the Station reads the file, even if none would feel the edit. */
  readonly isOwn?: boolean;
  /** The name of the image as it reaches this file; only where the edit may insert an entry. */
  readonly spelling?: string;
}

/** One image that a build puts into a manifest, such as that of a container. */
export interface Use {
  /** The reference as the cluster gets it, spelled as in the files. */
  readonly image: string;
  /** Where it can be changed: first the place that decides it now, then the places that would win over it. */
  readonly ways: readonly Way[];
  /** Why no edit of a file changes it: something that is not a file, or that K8sTA does not edit, decides it. */
  readonly decidedBy?: Pick<Refusal, 'reason' | 'message'>;
  /** Nothing that is visible runs it: the values of the chart switch it off, or an entry matches nothing. */
  readonly isOff?: boolean;
  /** What the build writes around a tag of the files, so that the pods run another one. */
  readonly around?: { readonly before: string; readonly behind: string };
  /**
   * The names that it had before the build gave it another repository, with why that is refused where one of them is the
   * image of the Track and the other repository is no alias of it (FileInvalid).
   */
  readonly was?: readonly { readonly name: string; readonly message: string }[];
}

/** What a build makes of the files, as far as images are concerned. */
export interface Rendering {
  readonly uses: readonly Use[];
  /**
   * A text that stays the same under an edit if and only if the build renders the same. It holds what images become,
   * and everything else that the build reads from files that an edit could change.
   */
  readonly meaning: string;
  /** The file of the source itself, for messages: its kustomization, its chart, its directory. */
  readonly file: string;
  /** Why the source has no such image, for people: `has no entry of `images` for ghcr.io/acme/shop`. */
  whyNotNamed(image: WantedImage): string;
  /** The source also has files that K8sTA cannot look into, such as jsonnet. */
  readonly isUnsupported?: boolean;
  /**
   * Where an image that runs could be named although no file shows it, because the build also reads what is not in the
   * repository. Undefined where the files show everything.
   */
  readonly insertion?: Way;
}

/**
 * One way in which Argo CD makes manifests from files: a folder, and a line in renderers.ts. It models what becomes of
 * images, and reads only through `trees`.
 */
export interface Renderer {
  /** Whether it renders this source; without the type that Argo CD detected, it looks at the files. */
  matches(trees: Trees, source: EditSource): Promise<boolean>;
  /** Throws a FileInvalid or a PathMissing. */
  render(trees: Trees, source: EditSource, application: Named): Promise<Rendering>;
  /** Whether the build reads a file of the repository and the branch that is edited. Throws as `render`. */
  reads(trees: Trees, source: EditSource, application: Named): Promise<(file: string) => boolean>;
}
