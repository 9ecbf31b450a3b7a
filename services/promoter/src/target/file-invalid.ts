/** A file that cannot be read or edited. The message says why, and where in the file. */
export class FileInvalid extends Error {
  override readonly name = 'FileInvalid';
  /** Set once, by {@link inFile}; the message begins with it. */
  readonly file: string | undefined;

  constructor(message: string, file?: string) {
    super(file === undefined ? message : `${file} ${message}`);
    this.file = file;
  }
}

/** Reads a file, and adds its name to a {@link FileInvalid} that `read` throws. */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FileInvalid && error.file === undefined) throw new FileInvalid(error.message, file);
    throw error;
  }
}
