/** A promise that a run has broken. */
export interface Breach {
  readonly promise: Promised;
  readonly what: string;
}

/** What must hold, whatever is killed. */
export const promises = {
  accepted: 'each accepted webhook has its Ticket, and each Ticket its webhook',
  ended: 'each Ticket ends, once, for a reason that the plan explains',
  commits: 'each part of a promotion has one commit, and each commit a request',
  proposals: 'each part has at most one pull request, and each merge is reported',
  branches: 'no branch is rewritten, and none has a merge but those of pull requests',
  stations: 'a Ticket enters a Station after it has arrived at the one before, and while no other is on its way there',
  order: 'no Ticket overtakes a newer one of its Track',
  files: 'the files name the newest Ticket that entered the Station',
  state: 'Redis holds the document of each Track, and no Ticket that has not ended',
  deadLetters: 'no message is unreadable or impossible',
  refusals: 'NATS and Redis refuse nothing to a service',
  processes: 'no process ends by itself or uses more memory than its limit',
} as const;

export type Promised = keyof typeof promises;
