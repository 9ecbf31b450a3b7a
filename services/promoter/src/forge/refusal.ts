/** The forge answers that it will not do it: 4xx, except for rate limits. What it means depends on what was asked. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** What the forge says, on one line and without secrets. */
  readonly said: string;
  /** The scopes that the forge says it accepts, where it does. */
  readonly accepted: string;

  constructor({ status, said, accepted = '' }: { status: number; said: string; accepted?: string }) {
    super(`${status} ${said}`);
    this.status = status;
    this.said = said;
    this.accepted = accepted;
  }
}
