import { isOpen, leadTimes, proposalModel, search, ticketModel } from '@k8sta/board';
import type { Tap } from '@k8sta/bus';
import { applicationKey, type Ticket } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Track } from '@k8sta/tracks';
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Links } from '../links.js';
import type { Live } from '../live/start.js';
import type { Viewers } from '../live/stream.js';
import { lifeOf } from '../live/ticket-life.js';
import { refuse } from './refusals.js';

export interface Readable {
  readonly tap: Pick<Tap, 'history'>;
  readonly tracks: readonly Track[];
  readonly live: Pick<Live, 'board' | 'facts'>;
  readonly viewers: Viewers;
  readonly links: Links;
}

/** How many Tickets the page of a Track lists. */
const historyShown = 200;
/** How many words an answer holds. */
const wordsShown = 200;

/** Adds what anybody who may look can ask. */
export function addReadRoutes(router: Router, readable: Readable): void {
  const { live, viewers } = readable;
  const { board, facts } = live;
  router.get('stream', '/api/events', (context) => {
    if (viewers.isFull) return refuse(context, 'TooManyPages', 'too many pages are open: try again later');
    context.status = 200;
    context.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    // A stream without a body sends nothing and never ends.
    if (context.method === 'HEAD') return;
    context.respond = false;
    viewers.open(context.res, context.get('Last-Event-ID') || undefined);
  });
  router.get('tracks', '/api/tracks', (context) => {
    context.type = 'json';
    context.body = `{"version":${board.version},"tracks":[${board.since(0).tracks.join(',')}]}`;
  });
  router.get('track', '/api/tracks/:track', (context) => trackDetail(context, readable));
  router.get('ticket', '/api/tracks/:track/tickets/:ticket', (context) => ticketDetail(context, readable));
  router.get('words', '/api/words', (context) => {
    const words = facts.words ?? [];
    context.body = { words: words.slice(-wordsShown).reverse(), more: Math.max(0, words.length - wordsShown) };
  });
  router.get('search', '/api/search', (context) => {
    const { q = '' } = context.query;
    context.body = search(facts, [q].flat().join(' ').slice(0, 200));
  });
}

function trackDetail(context: Context, { tracks, live: { board }, links }: Readable) {
  const track = tracks.find(({ name }) => name === context['params'].track);
  const model = track && board.track(track.name);
  if (!track || !model) return refuse(context, 'NotFound', 'there is no such Track');
  const tickets = [...board.ticketsOf(track.name)].sort((a, b) => b.pushedAt.localeCompare(a.pushedAt));
  const names = track.stations.map(({ name }) => name);
  const applications = model.stations.flatMap((station) => station.applications);
  context.body = {
    track: model,
    tickets: tickets.slice(0, historyShown).map((ticket) => ticketModel(track, ticket, false)),
    more: Math.max(0, tickets.length - historyShown),
    leadTimes: leadTimes(names, tickets),
    links: Object.fromEntries(
      applications.map(({ namespace, name, instance }) => [
        `${namespace}/${name}`,
        links.application(instance, namespace, name),
      ]),
    ),
  };
}

async function ticketDetail(context: Context, { tap, tracks, live, links }: Readable): Promise<void> {
  const { applications } = live.facts;
  const { track: name, ticket: id } = context['params'] as { track: string; ticket: string };
  const [track, ticket] = [tracks.find((each) => each.name === name), live.board.ticket(name, id)];
  if (!track || !ticket) return refuse(context, 'NotFound', 'there is no such Ticket on this Track');
  context.body = {
    ticket: ticketModel(track, ticket, false),
    isOpen: isOpen(ticket),
    ...about(ticket),
    stations: ticket.stations.map((record) => ({
      ...{ station: record.station, kind: record.kind, attempt: record.attempt, requestedAt: record.requestedAt },
      ...{ arrivedAt: record.arrivedAt, tracks: record.tracks },
      commits: record.commits.map(({ repository, branch, commit, revision, proposal, mergedBy, ...made }) => ({
        ...{ repository, commit, revision, branch: branch.replace(/^refs\/heads\//, '') },
        link: links.commit(repository, commit ?? revision),
        proposal: proposal && proposalModel(proposal),
        mergedBy: mergedBy && sanitizeLine(mergedBy),
        applications: made.applications.map((each) => ({
          ...{ namespace: each.namespace, name: each.name, outcome: each.outcome, before: each.before },
          ...{ after: each.after, message: each.message },
          link: links.application(applications.get(applicationKey(each))?.instance, each.namespace, each.name),
        })),
      })),
    })),
    life: await lifeOf(tap, track.name, id),
  };
}

function about({ image, sender, receivedAt, attempt, parent, by }: Ticket) {
  return { digest: image.digest, sender, receivedAt, attempt, parent, by };
}
