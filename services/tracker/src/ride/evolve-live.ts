import type { RideEvent } from './event.js';
import type { LiveTicket } from './state.js';

/** Applies an event to what only the tracker remembers of the Ticket: words of operators, checks, other Tracks. */
export function evolveLive(live: LiveTicket, event: RideEvent): LiveTicket {
  switch (event.type) {
    case 'approved': {
      const { station, by } = event;
      const given = live.approvals?.[station] ?? [];
      return { ...live, approvals: { ...live.approvals, [station]: [...given, by] } };
    }
    case 'expressed': {
      const { by, message, until, said } = event;
      return { ...live, express: { by, message, ...(until !== undefined && { until }), said } };
    }
    case 'checkRequested': {
      const { station, name, until } = event;
      return { ...live, checks: { ...live.checks, [`${station}/${name}`]: { until } } };
    }
    case 'checkReported': {
      const { check, outcome, by, message, said } = event;
      const known = live.checks?.[check];
      if (!known) return live;
      const { until } = known;
      const reported = { until, outcome, by, ...(message !== undefined && { message }), said };
      return { ...live, checks: { ...live.checks, [check]: reported } };
    }
    case 'withdrawn':
      return { ...live, ending: event.ending };
    case 'requestedAgain': {
      const { ending: _over, ...rest } = live;
      return rest;
    }
    case 'returned': {
      const { promotion: _withdrawn, earlier, ending: _ended, ...rest } = live;
      return { ...rest, ...(earlier && { promotion: earlier }) };
    }
    case 'syncs': {
      const { earlier: _over, ending, ...rest } = live;
      // A pause came too late: the Ticket is judged, and waits before the next Station.
      return ending && ending.is !== 'paused' ? { ...rest, ending } : rest;
    }
    case 'branches': {
      const children = event.children.map(({ track, ticket }) => [track, { ticket }] as const);
      return { ...live, children: Object.fromEntries(children) };
    }
    case 'arrived': {
      // A junction has no Applications by which a departure could be judged.
      if (!live.children) return live;
      const { children: _arrived, promotion: _before, ...rest } = live;
      return rest;
    }
    case 'elsewhereKnown': {
      const { about, is, askedAt, message } = event;
      const known = { ...(is !== undefined && { is }), ...(askedAt !== undefined && { askedAt }) };
      if (about.is === 'arrival') {
        return { ...live, after: { ...live.after, [`${about.track}/${about.station}`]: known } };
      }
      const child = live.children?.[about.track];
      if (child?.ticket !== about.ticket) return live;
      const ended = { ticket: child.ticket, ...known, ...(message !== undefined && { message }) };
      return { ...live, children: { ...live.children, [about.track]: ended } };
    }
    case 'childSucceeded':
      return { ...live, children: { ...live.children, [event.track]: { ticket: event.by } } };
    default:
      return live;
  }
}
