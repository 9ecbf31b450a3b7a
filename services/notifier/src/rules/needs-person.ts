import type { WaitReason } from '@k8sta/contracts';

/**
 * The waits that end only when a person does something. A rule without `reasons` selects these of `ticket.waiting`: the other
 * waits end by themselves, or fail at a deadline, which is an event of its own.
 */
export const needsPerson: ReadonlySet<string> = new Set<WaitReason>([
  'ApprovalMissing',
  'HeldByPerson',
  'StationHeld',
  'NothingSelected',
  'ApplicationNotObserved',
  'ApplicationUnreadable',
  'ApplicationGone',
  'NoGitSource',
  'SourceAmbiguous',
  'RevisionPinned',
  'AddressInvalid',
  'RequestTooLarge',
  'PromoterSilent',
  'NotCurrent',
  'SkipReconcile',
  'SourceChanged',
  'SpecInvalid',
  'ComparisonFailed',
  'StatusTooLarge',
  'SyncFailed',
  'AutoSyncOff',
  'SelfHealOff',
  'Suspended',
  'Degraded',
  'NothingDeployed',
]);
