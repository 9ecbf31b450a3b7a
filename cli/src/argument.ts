import { InvalidArgumentError } from 'commander';

/** Parses an argument or a flag. commander shows the message of its own errors only, with the name of the argument. */
export function argument<Value>(read: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

/** The flag of the commands that read Applications. */
export const applicationsFlag = [
  '--applications <files...>',
  'files of Argo CD Applications, as `kubectl get applications --all-namespaces --output yaml` prints them; - is stdin',
] as const;
