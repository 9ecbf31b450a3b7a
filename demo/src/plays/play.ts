import type { Line, SystemOptions } from '@k8sta/sandbox';
import type { Stage } from './stage.js';

/** A scenario in which people act: the Track, and what happens on it. */
export interface Play {
  readonly name: string;
  /** One sentence about what a person sees. */
  readonly what: string;
  /** How the Track differs from that of the other scenarios. */
  readonly line: Pick<Line, 'keys' | 'branches'> & Partial<Pick<Line, 'stations'>>;
  /** The forge of the repository, for pull requests; default: none. */
  readonly forge?: SystemOptions['forge'];
  /** Acts, and rejects unless what the scenario shows really happened. Returns what was seen, in one line. */
  readonly act: (stage: Stage) => Promise<string>;
}
