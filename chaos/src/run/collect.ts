import { envelopeSchema, parseProposalBranch, partId, promotionId } from '@k8sta/contracts';
import { admin, type System } from '@k8sta/sandbox';
import { connect } from 'nats';
import { z } from 'zod';
import type { Branch, Evidence, PullRequest } from '../evidence.js';
import type { Plan } from '../plan/plan.js';
import { imageFileOf, repositoryOf } from '../plan/track.js';

/** What Git, Redis and NATS hold at the end. */
export async function collect(
  system: System,
  plan: Plan,
  seen: ReadonlyMap<string, readonly string[]>,
): Promise<Pick<Evidence, 'branches' | 'pullRequests' | 'named' | 'live' | 'deadLetters' | 'durables'>> {
  const [branches, pullRequests, named, live, deadLetters, durables] = await Promise.all([
    branchesOf(system, seen),
    pullRequestsOf(system),
    namedBy(system, plan),
    liveIn(system, plan),
    deadLettersOf(system),
    durablesOf(system),
  ]);
  return { branches, pullRequests, named, live, deadLetters, durables };
}

function branchesOf({ repositories }: System, seen: ReadonlyMap<string, readonly string[]>): Promise<Branch[]> {
  return Promise.all(
    Object.entries(repositories).map(async ([repository, each]) => ({
      repository,
      commits: firstParents(await each.log(), await each.tip()),
      seen: seen.get(repository) ?? [],
    })),
  );
}

function firstParents(log: readonly Branch['commits'][number][], tip: string): Branch['commits'] {
  const known = new Map(log.map(({ sha, parents, trailers }) => [sha, { sha, parents, trailers }]));
  const found: Branch['commits'][number][] = [];
  for (let next = known.get(tip); next; next = known.get(next.parents[0] ?? '')) found.push(next);
  return found.reverse();
}

async function pullRequestsOf({ repositories, forge }: System): Promise<PullRequest[]> {
  if (!forge) return [];
  const pulls = await Promise.all(
    Object.entries(repositories).map(async ([repository, { name }]) =>
      (await forge.pulls(name)).flatMap(({ number, head, state, merged, closed }): PullRequest[] => {
        const branch = parseProposalBranch(head);
        if (!branch) return [];
        const isClosedByPerson = state === 'closed' && closed !== undefined && closed.by !== forge.bot;
        const { ticket, station, attempt } = branch;
        const part = partId(promotionId(ticket, station, attempt), branch.part);
        return [{ repository, number, part, state, isClosedByPerson, ...(merged && { merge: merged.commit }) }];
      }),
    ),
  );
  return pulls.flat();
}

async function namedBy({ repositories }: System, { lines }: Plan): Promise<Evidence['named']> {
  const applications = lines.flatMap((line) =>
    Object.values(line.hosted.line.stations)
      .flat()
      .map((application) => ({ line, application })),
  );
  const tags = await Promise.all(
    applications.map(async ({ line, application }) => {
      const { path, tag } = imageFileOf(line, application);
      const text = await repositories[repositoryOf(line, application)]?.read(path);
      return [application, tag.exec(text ?? '')?.[1]] as const;
    }),
  );
  return Object.fromEntries(tags);
}

/** The parts of the tracker's document that say which Tickets ride. */
const document = z.object({
  state: z.object({
    tickets: z.record(
      z.string(),
      z.object({
        ticket: z.object({
          image: z.object({ tag: z.string() }),
          state: z.object({ is: z.string(), message: z.string().optional() }),
        }),
      }),
    ),
  }),
});

async function liveIn({ redis }: System, { lines }: Plan): Promise<string[]> {
  const client = redis.client();
  try {
    const found: string[] = [];
    for (const { name } of lines) {
      const text = await client.hget(`k8sta:track:${name}`, 'document');
      if (text === null) {
        found.push(`${name}: Redis has no document of it`);
        continue;
      }
      for (const [id, { ticket }] of Object.entries(document.parse(JSON.parse(text)).state.tickets)) {
        found.push(`${name}:${ticket.image.tag} (${id}): ${ticket.state.is}: ${ticket.state.message ?? ''}`);
      }
    }
    return found;
  } finally {
    client.disconnect();
  }
}

async function durablesOf({ nats }: System): Promise<string[]> {
  const connection = await connect(nats.as(admin));
  try {
    const manager = await connection.jetstreamManager();
    const found: string[] = [];
    for (const stream of ['K8STA', 'K8STA_APPLICATIONS']) {
      const { state } = await manager.streams.info(stream);
      found.push(`${stream}: ${state.messages} messages from ${state.first_seq} to ${state.last_seq}`);
      for await (const { name, delivered, ack_floor, ...counts } of manager.consumers.list(stream)) {
        const places = `delivered ${delivered.stream_seq}, handled up to ${ack_floor.stream_seq}`;
        found.push(
          `${stream} ${name}: ${places}, ${counts.num_pending} to come, ${counts.num_ack_pending} unanswered, ${counts.num_redelivered} again, ${counts.num_waiting} requests`,
        );
      }
    }
    return found;
  } finally {
    await connection.close();
  }
}

async function deadLettersOf({ nats }: System): Promise<string[]> {
  const connection = await connect(nats.as(admin));
  try {
    const manager = await connection.jetstreamManager();
    const { state } = await manager.streams.info('K8STA_DEAD');
    const found: string[] = [];
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq += 1) {
      const message = await manager.streams.getMessage('K8STA_DEAD', { seq });
      const cause = z.object({ cause: z.string() }).safeParse(envelopeSchema.parse(message.json()).data);
      found.push(`${message.subject}: ${cause.data?.cause ?? message.string()}`);
    }
    return found;
  } finally {
    await connection.close();
  }
}
