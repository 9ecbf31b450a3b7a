import { type Bus, done, doublingMs, type Handler, type Log, later } from '@k8sta/bus';
import { type DataOf, partId, partTokens } from '@k8sta/contracts';
import { ForgeFault, type ForgeOf } from '../forge/forge.js';
import { repositoryOf } from '../git/git.js';

export interface ReportOptions {
  readonly bus: Pick<Bus, 'last'>;
  readonly forgeOf: ForgeOf;
  /** Whether the promoter may write to the repository with this normalised name. */
  readonly isAllowed: (repository: string) => boolean;
  /** The page of the Ticket, if an operator has named one. */
  readonly linkOf: (status: Status) => string | undefined;
  readonly log: Log;
  readonly now: () => Date;
}

type Status = DataOf<'status.requested'>;

/** A status is for people who look at Git. After this time nobody misses it, and the log says that it is missing. */
const giveUpMs = 60 * 60_000;

const delays = { firstMs: 1_000, mostMs: 5 * 60_000 };

const deploymentStates = { pending: 'in_progress', success: 'success', failure: 'failure' } as const;

/**
 * Handles `status.requested`: shows on the forge what has become of a commit. A status never holds up a Ticket, so a forge
 * that refuses is a line in the log.
 */
export function statusReporter(options: ReportOptions): Handler<'status.requested'> {
  return async ({ data: status, deliveries }) => {
    const { bus, log, now } = options;
    const fields = { ticketid: status.ticket, promotion: partId(status.promotion, status.part), state: status.state };
    const newest = await bus.last('status.requested', partTokens(status));
    // The forge shows what it was told last, so an older status must not come after it.
    if (newest && newest.data.requestedAt > status.requestedAt) return done;
    try {
      const why = await report(status, options);
      if (why !== undefined) log.warn({ ...fields, message: why }, 'status not reported');
      return done;
    } catch (error) {
      if (!(error instanceof ForgeFault)) throw error;
      const { message, needsPerson, retryAfterMs } = error;
      const age = now().getTime() - Date.parse(status.requestedAt);
      if (needsPerson || age > giveUpMs) {
        log.warn({ ...fields, message }, 'status not reported');
        return done;
      }
      return later(retryAfterMs ?? doublingMs(deliveries, delays), message);
    }
  };
}

/** Why it cannot be reported at all; undefined once it is. */
async function report(status: Status, { forgeOf, isAllowed, linkOf }: ReportOptions): Promise<string | undefined> {
  const repository = repositoryOf(status.repository, isAllowed);
  if (typeof repository === 'string') return repository;
  const forge = await forgeOf(repository.address, status.provider);
  if (typeof forge === 'string') return forge;
  const { commit, state, description, track, station } = status;
  const link = linkOf(status);
  const shown = { commit, description, ...(link !== undefined && { url: link }) };
  if (status.statuses) await forge.setStatus({ ...shown, state, context: `k8sta/${track}/${station}` });
  if (status.deployments) {
    if (!forge.deploy) return `${forge.provider} has no deployments`;
    await forge.deploy({ ...shown, environment: `${track}/${station}`, state: deploymentStates[state] });
  }
  return undefined;
}
