export class Failure extends Error {}

export function runLogged(step: {
  title: string;
  usually: string;
  command: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  quiet?: string;
  directory: string;
  log: string;
  say: (line: string) => void;
  lifeSignMs?: number;
}): Promise<void>;
