import { z } from 'zod';
import type { ReasonText } from './reasons.js';

/** Why a Ticket failed. Bounded: the codes are also metric labels. */
export const ticketFailures = {
  PromotionFailed: {
    means: 'The promoter refused a part of the promotion.',
    action: 'The message begins with the reason of the promoter, which the next table explains, and the repository.',
  },
  ImageNotNamed: {
    means: 'No Application of the Station names or runs the image.',
    action: 'Add an `images:` entry for it to one of their `kustomization.yaml` files.',
  },
  SyncFailed: {
    means: 'Argo CD gave up a sync of our commit.',
    action: "The message names the resources or hooks that failed, with Argo CD's words.",
  },
  Degraded: {
    means: 'An Application was Degraded for longer than `K8STA_DEGRADED_GRACE_MS`.',
    action: 'The message has its health message. Push a fix.',
  },
  DeadlineExceeded: {
    means: "The Station's `deadline` passed, and observations of a later time show that an Application is late.",
    action: 'The message says what it waited for last; the table of waits explains it.',
  },
  RolledBack: {
    means:
      'Somebody went back after our commit: the files no longer name the image, or Argo CD went back to an older revision.',
    action: 'Ask them; K8sTA does not commit over them.',
  },
  StationGone: {
    means: 'The Station was removed from the tracks file while the Ticket was on its way there.',
    action: 'Push again.',
  },
  MaxAge: {
    means: 'The Ticket was open for longer than `K8STA_TICKET_MAX_AGE_MS`.',
    action: 'The message ends with what it waited for.',
  },
} as const satisfies Record<string, ReasonText>;

export type TicketFailure = keyof typeof ticketFailures;
export const ticketFailure = z.enum(Object.keys(ticketFailures) as [TicketFailure, ...TicketFailure[]]);

/** Why a part was not committed. Bounded: the codes are also metric labels. */
export const promotionFailures = {
  Withdrawn: {
    means: 'The part is no longer wanted, or could not be committed in time.',
    action: 'The message names the last failure.',
  },
  ChangedByOther: {
    means: 'Somebody changed our line meanwhile.',
    action: 'The message names the commit and its author; K8sTA does not commit over them.',
  },
  RefRefused: {
    means: "A protected branch or a hook refused the push, in the server's words.",
    action: "Let the promoter's user push to the branch.",
  },
  BranchMissing: {
    means: 'The repository has no such branch.',
    action: "Correct the Application's `targetRevision`, or create the branch.",
  },
  BranchRewritten: {
    means: 'The branch was force-pushed since the promotion began.',
    action: 'Push the image again; nothing is committed on what is left.',
  },
  PathMissing: {
    means: "The Application's `path` does not exist in the repository, or leaves it.",
    action: 'Correct the path.',
  },
  FileInvalid: {
    means:
      'A `kustomization.yaml` cannot be read or edited: merge-conflict marks, `imageTags` of kustomize 1, an entry that gives its tag or digest twice, or one that puts a repository in place of ours that is not its alias.',
    action: 'The message has file, line and column.',
  },
  SharedFile: {
    means: 'Another Application outside the Station reads the same file and would be promoted too.',
    action: 'Give each Station an overlay of its own.',
  },
  UnsupportedSource: {
    means: 'The source is not a kustomization.',
    action: 'Only Kustomize sources can be promoted yet.',
  },
  ImageNotNamed: {
    means:
      'The Application runs the image, but no file of its build names it, so that the Ticket would pass without it.',
    action: 'Add the lines in the message to the file in the message.',
  },
  OverriddenInApplication: {
    means:
      "The Application's own source sets the image (`kustomize.images`, from `argocd app set --kustomize-image` or Argo CD Image Updater), which wins over the files.",
    action: 'Remove it there.',
  },
  RepositoryNotAllowed: {
    means:
      "The Application's `repoURL` is not the address of a Git repository (`https://`, `ssh://` or `user@host:path`), or the repository is not in `K8STA_GIT_REPOSITORIES`.",
    action: 'Correct one of them.',
  },
} as const satisfies Record<string, ReasonText>;

export type PromotionFailure = keyof typeof promotionFailures;
export const promotionFailure = z.enum(Object.keys(promotionFailures) as [PromotionFailure, ...PromotionFailure[]]);

/** What may be wrong with a Track, beside what the promoter would refuse. */
export const trackFindings = {
  NotReady: {
    means: 'No promotion can be requested yet.',
    action: 'The message begins like that of a Ticket that waits; the first table explains it.',
  },
  AutoSyncOff: {
    means: 'Auto-sync of the Application is off.',
    action: 'Turn it on; until then nothing is deployed until somebody syncs.',
  },
  Frozen: {
    means: 'The annotation `argocd.argoproj.io/skip-reconcile` keeps Argo CD from looking at the Application.',
    action: 'Remove the annotation.',
  },
  OnTwoStations: {
    means: 'Two Stations for the same image repository select the Application, so that both would promote it.',
    action: 'Narrow a selector, or change the labels of the Application; until then no Ticket enters.',
  },
  PathsNotCovered: {
    means:
      '`manifest-generate-paths` leaves out the file that K8sTA edits, so that Argo CD would take our commit for no change and the Ticket pass without its image.',
    action: 'Add the directory of the file; until then no Ticket enters.',
  },
  NotInspected: {
    means: 'The repository could not be read.',
    action: 'The message has the answer of the Git server.',
  },
} as const satisfies Record<string, ReasonText>;
