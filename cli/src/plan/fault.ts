/** What is wrong with a file or a checkout that a person named. The message begins with its name. */
export class PlanFault extends Error {
  override readonly name = 'PlanFault';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}
