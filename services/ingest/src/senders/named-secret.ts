/** A secret, and where it is: `ghcr:2` is line 2 of the file `ghcr`. Only the name may be stored and logged. */
export interface NamedSecret {
  readonly name: string;
  readonly value: string;
  /** What it may be used for. Default: everything that its sender may do. */
  readonly limits?: Limits;
}

/** What a secret may report. An absent list allows all. */
export interface Limits {
  readonly tracks?: readonly string[] | undefined;
  readonly checks?: readonly string[] | undefined;
}

/** A line of a file: the secret and its limits, or what is wrong with it. A fault never repeats a secret. */
export type Line = Pick<NamedSecret, 'value' | 'limits'> | { readonly fault: string };
export type ReadLine = (line: string) => Line;
