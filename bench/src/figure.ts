/** One thing that was measured, in the same run as what it is compared with. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** The same for what a user would do instead, or the limit that it is held against. */
  readonly reference?: number;
  readonly ratio?: number;
  readonly goal?: Goal;
}

/** What a figure, or its ratio to the reference, is meant to be. */
export interface Goal {
  readonly of: 'value' | 'ratio';
  readonly is: '<=' | '>=';
  readonly limit: number;
}

/** Undefined where there is no goal. */
export function isMet({ value, ratio, goal }: Figure): boolean | undefined {
  if (!goal) return undefined;
  const measured = goal.of === 'ratio' ? (ratio ?? Number.NaN) : value;
  return goal.is === '<=' ? measured <= goal.limit : measured >= goal.limit;
}

/** One line for a person. */
export function inWords(figure: Figure): string {
  const { value, unit, reference, ratio, goal } = figure;
  const compared = reference === undefined ? '' : `, beside ${spell(reference)} ${unit}`;
  const times = ratio === undefined ? '' : ` (x ${ratio.toFixed(2)})`;
  const verdict = goal ? `; goal ${spellGoal(goal)}: ${isMet(figure) ? 'met' : 'MISSED'}` : '';
  return `${figure.figure.padEnd(44)} ${spell(value)} ${unit}${compared}${times}${verdict}`;
}

/** One line for a program. */
export function inJson({ goal, ...figure }: Figure): string {
  return JSON.stringify({ ...figure, ...(goal && { goal: spellGoal(goal) }) });
}

function spellGoal({ of, is, limit }: Goal): string {
  return `${of === 'ratio' ? 'x ' : ''}${is} ${limit}`;
}

function spell(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
