import { z } from 'zod';

/** What a reason means and what a person can do about it. docs/operations.md is generated from these. */
export interface ReasonText {
  readonly means: string;
  readonly action: string;
}

/** Why a Ticket waits. Bounded: the codes are also metric labels. */
export const waitReasons = {
  Opened: {
    means: 'The tracker has opened the Ticket and not processed it yet.',
    action: 'Nothing; it takes milliseconds.',
  },
  Arrived: {
    means: 'The Ticket has arrived and the tracker has not processed it since.',
    action: 'Nothing; it takes milliseconds.',
  },
  BlockHeld: {
    means: 'Another Ticket is on its way into the Station.',
    action: 'Look at that Ticket; the message names it.',
  },
  Withdrawn: {
    means: 'The request for the commit is withdrawn, and the promoter has not answered yet.',
    action:
      'Nothing for seconds. The Ticket keeps the Station until the promoter answers, because a push may have happened.',
  },
  ReplacedHere: {
    means: 'A newer Ticket of the lane has committed its image at the Station where this Ticket is.',
    action:
      'Nothing; when the newer Ticket arrives, this one is superseded. If the newer one failed, roll the Station back or push a fix.',
  },
  Soaking: {
    means: 'The Ticket stays at the Station for the time of its `soak`.',
    action: 'Nothing; the message says until when.',
  },
  Paused: {
    means: 'An operator paused the Track or the Station.',
    action: 'The message names the operator and the reason; `k8sta resume` ends the pause.',
  },
  WindowClosed: {
    means: "The Station's `windows` keep Tickets out now.",
    action: 'Wait for the time in the message, or let the Ticket pass with `k8sta express`.',
  },
  ApprovalMissing: {
    means: 'The Station needs the approval of people.',
    action: '`k8sta approve`; the message says how many approvals are missing, and whose.',
  },
  AfterOther: {
    means: 'The same image has not arrived yet at a Station of another Track that `after` names.',
    action: 'Look at the Ticket of the other Track.',
  },
  CheckPending: {
    means: 'A check that the Station needs has not been reported.',
    action: 'Look at the system that reports it; the message names the check and until when it may be reported.',
  },
  HeldByPerson: {
    means: 'A person changed the image of the Station in Git after a Ticket had arrived there.',
    action:
      'Ask the author of the commit in the message. `k8sta resume` with the Station lets the Ticket go on; `afterRevert: goOn` in the tracks file does so always.',
  },
  TracksRiding: {
    means: 'The Tickets that the junction opened are on their way.',
    action: 'Look at these Tickets; the message names them.',
  },
  RollbackRequested: {
    means: 'The Station failed, and the promoter was asked to go back to the image that ran before.',
    action: 'Nothing for seconds; longer means that no promoter runs.',
  },
  StationHeld: {
    means: 'A finding keeps every Ticket out of the Station.',
    action: 'Read the finding in the message; it says what to change.',
  },
  NothingSelected: {
    means: 'No Application has the labels that the Station selects.',
    action: 'Label an Application, or correct the selector in the tracks file.',
  },
  ApplicationNotObserved: {
    means: 'argo-watcher has not seen the Application.',
    action:
      'Compare namespace and name with Argo CD, and look at `K8STA_ARGO_NAMESPACES` and `K8STA_ARGO_SELECTOR`. It may belong to another Station, whose files K8sTA must not edit.',
  },
  ApplicationUnreadable: {
    means: 'argo-watcher cannot read the Application: it is too large, or a part of it has an unknown shape.',
    action: 'The message names the part. An Argo CD that is newer than this version of K8sTA needs a newer K8sTA.',
  },
  ApplicationGone: {
    means: 'The Application no longer exists, or it is being deleted.',
    action: 'Create it again, or remove it from the tracks file.',
  },
  NoGitSource: {
    means: 'No source of the Application is a directory in a Git repository, and no value file of a chart is in one.',
    action:
      'K8sTA commits to Git: put the values of a chart from a registry into a repository, and name them by `$ref` in `valueFiles`.',
  },
  SourceAmbiguous: {
    means: 'Sources of the Application in several repositories, or on several branches, could name the image.',
    action: 'Keep what names the image in one repository, on one branch; the other sources may follow a tag.',
  },
  RevisionPinned: {
    means: 'The targetRevision of the Application is a commit, a tag or a range.',
    action: 'Let the Application follow a branch; a commit on a branch never reaches it otherwise.',
  },
  AddressInvalid: {
    means: 'The repoURL of the Application is not an address of a Git repository.',
    action: "Correct the Application's repoURL.",
  },
  RequestTooLarge: {
    means:
      'The request for the commit would be too large for NATS: it names the sources of all other Applications that read the branch.',
    action:
      'Raise `max_payload` in the configuration of the NATS servers; the message has the sizes. The tracker looks again every minute.',
  },
  CommitRequested: {
    means: 'The promoter was asked for the commit.',
    action: 'Nothing for seconds; longer means that no promoter runs.',
  },
  CommitDelayed: {
    means: 'The promoter cannot commit yet and retries until the time in the message.',
    action: 'The message has the answer of the Git server; the next table says what it means.',
  },
  ProposalOpen: {
    means: 'A pull request waits for its merge.',
    action: 'Review and merge it; the message has its address and what the forge says is missing.',
  },
  PromoterSilent: {
    means: 'The promoter has not answered, and the time for the commit is over.',
    action: 'Start the promoter. The Ticket keeps the Station until it answers, because a push may have happened.',
  },
  Committed: {
    means: 'The commit is made and Argo CD has not reported on it yet.',
    action: 'Nothing; it takes seconds.',
  },
  AskingPromoter: {
    means: 'The tracker is asking the promoter about the history of the repository.',
    action: 'Nothing; the answer takes seconds.',
  },
  RelationUnknown: {
    means: 'The promoter cannot tell how the revision relates to our commit, or whether its files name our image.',
    action: 'Start the promoter, or see the message for what it cannot read. The tracker asks again every 5 s.',
  },
  NotCurrent: {
    means: 'argo-watcher has not confirmed within 60 s that its observations are current.',
    action:
      "Look at argo-watcher's `/readyz` and log. If both are well, look in the tracker's log for `not every observation before this heartbeat was handled yet`: it is behind.",
  },
  SkipReconcile: {
    means: 'The annotation `argocd.argoproj.io/skip-reconcile` keeps Argo CD from looking at the Application.',
    action: 'Remove the annotation. The deadline does not run meanwhile.',
  },
  SourceChanged: {
    means: 'Somebody pointed the Application to another source after our commit.',
    action: 'Point it back, or push again; what it deploys now says nothing about our commit.',
  },
  RevisionMissing: {
    means: 'Argo CD reports no revision.',
    action: "Look at the Application's conditions in Argo CD.",
  },
  RevisionBehind: {
    means: 'Argo CD has not looked at our commit yet.',
    action:
      'A Git webhook to Argo CD, or `K8STA_REFRESH=true`, makes it seconds; without either it takes up to six minutes (its poll and its revision cache).',
  },
  RevisionUnrelated: {
    means: 'Argo CD is at a revision whose history does not contain our commit.',
    action: 'Compare branch and repository of the Application with the commit.',
  },
  OtherSyncRunning: {
    means: 'Argo CD is syncing another revision than our commit, usually an older one.',
    action:
      'Nothing; it syncs our commit when that sync ends. Argo CD retries a failed sync first; terminate it in Argo CD if you do not want to wait.',
  },
  Hydrating: {
    means: "Argo CD's source hydrator has not hydrated our commit yet.",
    action: 'Nothing; it takes seconds.',
  },
  HydrationFailed: { means: "Argo CD's source hydrator failed.", action: 'The message has its error.' },
  ComparisonFailed: {
    means: 'Argo CD cannot compare the Application with Git.',
    action: "The message has Argo CD's error: a build error, or a repository that it cannot reach.",
  },
  SpecInvalid: {
    means: 'Argo CD does not accept the spec of the Application.',
    action: "The message has Argo CD's error: a project that does not permit it, or a repository without access.",
  },
  SyncRefused: {
    means: 'Argo CD refuses to sync the Application by itself.',
    action:
      "The message has Argo CD's error. Argo CD does not retry a revision whose sync failed: sync it by hand, or push a fix.",
  },
  ApplicationError: {
    means: 'Argo CD reports an error of the Application.',
    action: "The message has Argo CD's error; look at the Application's conditions in Argo CD.",
  },
  StatusTooLarge: {
    means: 'The Application is too large for its status to be stored, so that its status is stale.',
    action: 'Divide the Application, or lower its revisionHistoryLimit; it does not clear by itself.',
  },
  StatusStale: { means: 'The status is older than the last sync.', action: 'Nothing; Argo CD refreshes it.' },
  SyncRunning: { means: 'Argo CD is syncing our commit.', action: "Nothing; the message has Argo CD's progress." },
  SyncRetrying: {
    means: 'A sync of our commit failed and Argo CD retries it.',
    action: 'The message names the failing hook or resource, and when Argo CD tries again.',
  },
  SyncFailed: {
    means: 'The last sync of the Application failed after the Ticket had arrived.',
    action: 'Look at the Application in Argo CD; the Ticket continues once a sync succeeds.',
  },
  OutOfSync: {
    means: 'Argo CD has seen our commit and auto-sync has not started.',
    action: 'Nothing; it takes seconds.',
  },
  AutoSyncOff: {
    means: 'The Application is OutOfSync and auto-sync is off.',
    action: 'Sync it, or turn auto-sync on. The deadline does not run meanwhile.',
  },
  SyncWindowClosed: {
    means: "A sync window of the Application's project keeps Argo CD from syncing.",
    action: 'Wait for the window, or sync by hand where the window allows it. The deadline does not run meanwhile.',
  },
  SelfHealOff: {
    means: 'The cluster differs from Git after our sync, and self-heal is off.',
    action: 'Sync it, or turn self-heal on; nothing happens by itself.',
  },
  SyncUnknown: {
    means: 'Argo CD does not know the sync status.',
    action: "Look at the Application's conditions in Argo CD.",
  },
  Progressing: { means: 'The Application is Progressing.', action: "Nothing; the message has Argo CD's words." },
  Suspended: {
    means: 'The Application is Suspended, as a paused rollout is.',
    action: 'Resume it. The deadline does not run meanwhile.',
  },
  ChangedByOther: {
    means: 'The files no longer name our image: somebody changed them a moment ago.',
    action: 'Nothing; the Ticket fails if that is still so `K8STA_SETTLE_MS` after Argo CD was asked to look again.',
  },
  Degraded: {
    means: 'The Application is Degraded.',
    action: 'Look at it in Argo CD; the Station fails if it stays Degraded for `K8STA_DEGRADED_GRACE_MS`.',
  },
  HealthMissing: {
    means: 'Resources of the Application are missing, or its health is unknown.',
    action: 'Look at the Application in Argo CD.',
  },
  Settling: {
    means: 'The Application became Synced and Healthy only a moment ago.',
    action: 'Nothing; it arrives after `K8STA_SETTLE_MS`, or after a second if it was Progressing before.',
  },
  NothingDeployed: {
    means: 'Argo CD had nothing to deploy for our commit, and another image runs.',
    action:
      'Look for an override of the image in the Application, and for `manifest-generate-paths` that leave our file out.',
  },
  NobodyLeft: {
    means: 'Every Application of the Station was deleted after the commit.',
    action: 'Create one again, and `k8sta retry` once the Ticket has failed at the deadline of the Station.',
  },
} as const satisfies Record<string, ReasonText>;

export type WaitReason = keyof typeof waitReasons;
export const waitReason = z.enum(Object.keys(waitReasons) as [WaitReason, ...WaitReason[]]);
