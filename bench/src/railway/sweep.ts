import type { Figure } from '../figure.js';
import { type Curve, writePlot } from '../plot.js';
import { type RailwayBenchOptions, railwayBench } from './bench.js';

export interface SweepOptions extends Omit<RailwayBenchOptions, 'tracks'> {
  /** How many Tracks there are in each run. */
  readonly sweep: readonly number[];
  /** The folder for the plots. */
  readonly plot?: string | undefined;
}

type Value = (figures: ReadonlyMap<string, Figure>) => number | undefined;

/** Runs the bench once for each number of Tracks, and draws how its figures grow with them. */
export async function railwaySweep(options: SweepOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const runs = new Map<number, Map<string, Figure>>();
  for (const tracks of options.sweep) {
    const figures = new Map<string, Figure>();
    runs.set(tracks, figures);
    await railwayBench({ ...options, tracks }, (figure) => {
      figures.set(figure.figure, figure);
      onFigure({ ...figure, figure: `${tracks} Tracks: ${figure.figure}` });
    });
  }
  const { plot } = options;
  if (plot === undefined) return;
  const x = `Tracks with ${options.stations} Stations in ${options.repositories} repositories`;
  const curve = (name: string, value: Value): Curve => ({
    name,
    points: [...runs].flatMap(([tracks, figures]) => {
      const y = value(figures);
      return y === undefined ? [] : { x: tracks, y };
    }),
  });
  const of =
    (figure: string): Value =>
    (figures) =>
      figures.get(figure)?.value;
  const cpu = 'processor time of a promotion: ';
  const processes = [...(runs.values().next().value?.keys() ?? [])].flatMap((figure) =>
    // The bench itself is no part of the railway.
    figure.startsWith(cpu) && !/: (all|bench)$/.test(figure) ? figure.slice(cpu.length) : [],
  );
  await writePlot(plot, 'railway-processor-time', {
    ...{ title: 'Processor time of a promotion', x, y: 'milliseconds' },
    curves: processes.map((name) => curve(name, of(`${cpu}${name}`))),
  });
  await writePlot(plot, 'railway-rate', {
    ...{ title: 'Promotions of all Tracks at once', x, y: 'per second' },
    curves: [
      curve('promotions', of('promotions, compared with bare pushes')),
      curve('bare pushes', (figures) => figures.get('promotions, compared with bare pushes')?.reference),
    ],
  });
  await writePlot(plot, 'railway-latency', {
    ...{ title: 'Time from a webhook to its first commit, all at once', x, y: 'seconds' },
    curves: ['p99', 'p50'].map((name) => curve(name, of(`time from a webhook to its first commit, ${name}`))),
  });
  await writePlot(plot, 'railway-bus', {
    ...{ title: 'Traffic of nats-server per promotion', x, y: 'kilobytes, messages' },
    curves: [
      curve('kilobytes to the bus', of('kilobytes to the bus per promotion')),
      curve('kilobytes from the bus', of('kilobytes from the bus per promotion')),
      curve('messages to the bus', of('messages to the bus per promotion')),
    ],
  });
}
