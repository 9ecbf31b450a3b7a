import { terminalStates } from '@k8sta/contracts';
import type { Plan } from './plan/plan.js';

/** What a run leaves behind, read from outside after the last Ticket. The verdict depends on this and on nothing else. */
export interface Evidence {
  readonly plan: Plan;
  /** How many running processes were killed. */
  readonly kills: number;
  /** The answers of ingest: which Ticket it named for a push that it accepted. */
  readonly accepted: readonly Accepted[];
  /** The history of the stream `K8STA`, in its order. */
  readonly history: readonly Happened[];
  readonly branches: readonly Branch[];
  readonly pullRequests: readonly PullRequest[];
  /** The tag that the files of each Application name at the end. */
  readonly named: Readonly<Record<string, string | undefined>>;
  /** The Tickets that Redis holds as not ended, and the Tracks of which it holds nothing, in words. */
  readonly live: readonly string[];
  readonly deadLetters: readonly string[];
  /** How far each durable consumer is, in words, to find out why Tickets are stuck; no promise depends on it. */
  readonly durables: readonly string[];
  /** What NATS or Redis refused to a user. */
  readonly refusals: readonly string[];
  /** Services that ended by themselves, in words. */
  readonly crashes: readonly string[];
  /** Those that gave up before they were ready, and were started again; no promise depends on it. */
  readonly failedStarts: readonly string[];
  /** The most memory that each replica was seen to use with its children, and the limit. */
  readonly memory: readonly { readonly replica: string; readonly mib: number; readonly limitMib: number }[];
}

export interface Accepted {
  readonly track: string;
  readonly tag: string;
  readonly ticket: string;
}

/** An event, with the parts that the verdict needs. */
export interface Happened {
  readonly type: string;
  readonly ticket: string;
  readonly track: string;
  readonly tag?: string;
  readonly station?: string;
  /** The id of a promotion part, as in the trailer. */
  readonly part?: string;
  readonly commit?: string;
  /** The address of the repository, and the number of its pull request. */
  readonly repository?: string;
  readonly number?: number;
  readonly by?: string;
  readonly reason?: string;
  readonly message?: string;
}

const ends: ReadonlySet<string> = new Set(terminalStates.map((state) => `ticket.${state}`));

/** Whether a Ticket has ended with this event. */
export function isEnd({ type }: Happened): boolean {
  return ends.has(type);
}

/** A pull request as the forge shows it at the end. */
export interface PullRequest {
  readonly repository: string;
  readonly number: number;
  /** The part whose branch it has. */
  readonly part: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** The tip that the merge made. */
  readonly merge?: string;
  readonly isClosedByPerson: boolean;
}

/** The branch of a repository at the end. */
export interface Branch {
  readonly repository: string;
  /** The first parents, oldest first. */
  readonly commits: readonly {
    readonly sha: string;
    readonly parents: readonly string[];
    readonly trailers: Readonly<Record<string, string>>;
  }[];
  /** The tips that were seen in the run, oldest first. */
  readonly seen: readonly string[];
}
