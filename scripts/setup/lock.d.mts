export function withLock<T>(
  options: {
    readonly file: string;
    readonly say: (line: string) => void;
    readonly everyMs?: number;
    readonly lifeSignMs?: number;
  },
  work: () => Promise<T>,
): Promise<T>;
