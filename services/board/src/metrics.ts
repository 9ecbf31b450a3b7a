import { Counter, Gauge, type Registry } from 'prom-client';

export interface Metrics {
  /** Counts an answer, by the route that gave it. */
  answered(route: string, status: number): void;
  /** Counts a word that somebody tried to say. */
  said(verb: string, outcome: 'accepted' | 'refused' | 'forbidden' | 'unanswered'): void;
  /** Counts the open pages. */
  viewers(number: number): void;
}

/** The board's own metrics. */
export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'k8sta_board_requests_total',
    help: 'Answered requests, by route (page for files and unknown paths) and HTTP status.',
    labelNames: ['route', 'status'],
    registers,
  });
  const words = new Counter({
    name: 'k8sta_board_words_total',
    help: 'Words of people, by verb and outcome: accepted, refused by the tracker, forbidden by the roles, or unanswered.',
    labelNames: ['verb', 'outcome'],
    registers,
  });
  const viewers = new Gauge({
    name: 'k8sta_board_viewers',
    help: 'Open pages that this replica keeps up to date.',
    registers,
  });
  return {
    answered: (route, status) => requests.inc({ route, status: String(status) }),
    said: (verb, outcome) => words.inc({ verb, outcome }),
    viewers: (number) => viewers.set(number),
  };
}
