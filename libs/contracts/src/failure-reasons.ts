import { z } from 'zod';
import type { ReasonText } from './reasons.js';

/** Why a Ticket failed. Bounded: the codes are also metric labels. */
export const ticketFailures = {
  PromotionFailed: {
    means: 'The promoter refused a part of the promotion.',
    action: 'The message begins with the reason of the promoter, which the next table explains, and the repository.',
  },
  ProposalClosed: {
    means: 'Somebody closed the pull request for the Station without merging it.',
    action: 'Ask the person whom the message names; `k8sta retry` opens another one.',
  },
  ImageNotNamed: {
    means: 'No Application of the Station names or runs the image.',
    action: 'Name the image in a file of one of them, or correct the Applications of the Station in the tracks file.',
  },
  SyncFailed: {
    means: 'Argo CD gave up a sync of our commit.',
    action: "The message names the resources or hooks that failed, with Argo CD's messages.",
  },
  Degraded: {
    means: 'An Application was Degraded for longer than `K8STA_DEGRADED_GRACE_MS`.',
    action: 'The message has what Argo CD says about its health. Push a fix.',
  },
  DeadlineExceeded: {
    means: "The Station's `deadline` passed, and observations of a later time show that an Application is late.",
    action: 'The message says what it waited for last; the table of waits explains it.',
  },
  ChangedByOther: {
    means:
      'Somebody changed the Station after our commit: the files no longer name the image, or Argo CD went back to an older revision.',
    action: 'Ask them; K8sTA does not commit over them.',
  },
  RolledBack: {
    means: 'The Station failed, and K8sTA took its Applications back to the image that ran there before.',
    action: 'The message says why the Station failed. Push a fix.',
  },
  RollbackFailed: {
    means: 'The Station failed, and so did the rollback: the failed image may still be there.',
    action: 'Look at the Station at once; the message says why both failed.',
  },
  CheckFailed: {
    means: 'A check was reported as failed for the Ticket.',
    action: 'The message names the check and who reported it. Push a fix.',
  },
  CheckTimedOut: {
    means: 'A check was not reported in time.',
    action: 'Look at the system that reports it, then `k8sta retry`.',
  },
  ChildFailed: {
    means: 'A Ticket that the junction opened failed or was cancelled.',
    action: 'Look at that Ticket; the message names it.',
  },
  TrackGone: {
    means: 'The Track was removed from the tracks file while the Ticket was on its way.',
    action: 'Nothing, or add the Track again and push again.',
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
    means: 'The tracker no longer wants the part, or the promoter could not commit it in time.',
    action: 'The message names the last failure.',
  },
  ChangedByOther: {
    means: 'Somebody changed our line in the meantime.',
    action: 'The message names the commit and its author; K8sTA does not commit over them.',
  },
  RefRefused: {
    means: 'A protected branch or a hook refused the push.',
    action: "The message has the server's answer. Let the promoter's user push to the branch.",
  },
  ProposalClosed: {
    means: 'The pull request was closed without a merge.',
    action: 'Ask the person whom the message names; `k8sta retry` opens another one.',
  },
  ForgeUnknown: {
    means: 'A pull request is wanted, and it is unknown which forge the host of the repository is.',
    action: 'Name the `provider` under `pullRequest`, or `forge` in the Secret of the repository.',
  },
  BranchMissing: {
    means: 'The repository has no such branch.',
    action: "Correct the Application's `targetRevision`, or create the branch.",
  },
  BranchRewritten: {
    means: 'The branch was force-pushed since the promotion began.',
    action: 'Push the image again; K8sTA commits nothing on the rewritten branch.',
  },
  PathMissing: {
    means: "The Application's `path` does not exist in the repository, or leaves it.",
    action: 'Correct the path.',
  },
  FileInvalid: {
    means:
      'A file cannot be read or edited: it is not YAML, has merge-conflict markers, or names the image in a way that K8sTA does not edit.',
    action: 'Correct the file; the message says which, where, and what is wrong.',
  },
  SharedFile: {
    means: 'Another Application outside the Station reads the same file and would be promoted too.',
    action: 'Give each Station an overlay or a values file of its own.',
  },
  UnsupportedSource: {
    means: 'Argo CD makes the manifests with a plugin, or from jsonnet.',
    action: 'K8sTA edits Kustomize, Helm and plain directories.',
  },
  ImageNotNamed: {
    means:
      'The Application runs the image, but no file of its build names it: the Ticket would pass without changing it.',
    action: 'Name the image in a file of the build, or name the file and the key under `edit` of the Station.',
  },
  OverriddenInApplication: {
    means:
      "The Application's own source sets the image, which wins over the files: `kustomize.images` (from `argocd app set --kustomize-image` or Argo CD Image Updater), or Helm's `parameters`, `values` or `valuesObject`.",
    action: 'Remove it there.',
  },
  EditWithoutEffect: {
    means:
      'Something that the build does later decides the image, or the image comes from files outside the repository.',
    action: 'The message names it. Change it there, or name the file and the key under `edit` of the Station.',
  },
  RepositoryNotAllowed: {
    means:
      "The Application's `repoURL` is not the address of a Git repository (`https://`, `ssh://` or `user@host:path`), or the repository is not in `K8STA_GIT_REPOSITORIES`.",
    action: 'Correct one of them.',
  },
} as const satisfies Record<string, ReasonText>;

export type PromotionFailure = keyof typeof promotionFailures;
export const promotionFailure = z.enum(Object.keys(promotionFailures) as [PromotionFailure, ...PromotionFailure[]]);

/** The problems of a Track, in addition to the reasons of the promoter. */
export const trackFindings = {
  NotReady: {
    means: 'No promotion can be requested yet.',
    action: 'The message is that of a waiting Ticket; the first table explains it.',
  },
  AutoSyncOff: {
    means: 'Auto-sync of the Application is off.',
    action: 'Turn it on; until then, Argo CD deploys only when somebody syncs.',
  },
  Frozen: {
    means: 'The annotation `argocd.argoproj.io/skip-reconcile` keeps Argo CD from looking at the Application.',
    action: 'Remove the annotation.',
  },
  OnTwoStations: {
    means: 'Two Stations for the same image repository select the Application, so that both would promote it.',
    action: 'Narrow a selector, or change the labels of the Application; until then, no Ticket enters the Stations.',
  },
  PathsNotCovered: {
    means:
      '`manifest-generate-paths` leaves out the file that K8sTA edits: Argo CD would not deploy our commit, and the Ticket would pass without its image.',
    action: 'Add the directory of the file; until then, no Ticket enters the Station.',
  },
  NotInspected: {
    means: 'The repository could not be read.',
    action: 'The message has the answer of the Git server.',
  },
} as const satisfies Record<string, ReasonText>;
