/** One measurement, and its reference from the same run. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** The same measurement of the plain alternative, or the limit to compare with. */
  readonly reference?: number;
  readonly ratio?: number;
  readonly goal?: Goal;
}

/** The intended limit of a figure, or of its ratio to the reference. */
export interface Goal {
  readonly of: 'value' | 'ratio';
  readonly is: '<=' | '>=' | '=';
  readonly limit: number;
}

/** Where a bench, which adds its name, sends its figures. */
export type Report = (figure: Omit<Figure, 'bench'>) => void;

/** Undefined if there is no goal. */
export function isMet({ value, ratio, goal }: Figure): boolean | undefined {
  if (!goal) return undefined;
  const measured = goal.of === 'ratio' ? (ratio ?? Number.NaN) : value;
  switch (goal.is) {
    case '<=':
      return measured <= goal.limit;
    case '>=':
      return measured >= goal.limit;
    case '=':
      return measured === goal.limit;
    default:
      return goal.is satisfies never;
  }
}

/** One line for a person. */
export function inWords(figure: Figure): string {
  const { value, unit, reference, ratio, goal } = figure;
  const compared = reference === undefined ? '' : `, reference ${formatNumber(reference)} ${unit}`;
  const times = ratio === undefined ? '' : ` (x ${ratio.toFixed(2)})`;
  const verdict = goal ? `; goal ${formatGoal(goal)}: ${isMet(figure) ? 'met' : 'MISSED'}` : '';
  return `${figure.figure.padEnd(44)} ${formatNumber(value)} ${unit}${compared}${times}${verdict}`;
}

/** One line for a program. */
export function inJson({ goal, ...figure }: Figure): string {
  return JSON.stringify({ ...figure, ...(goal && { goal: formatGoal(goal) }) });
}

function formatGoal({ of, is, limit }: Goal): string {
  return `${of === 'ratio' ? 'x ' : ''}${is} ${limit}`;
}

function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
