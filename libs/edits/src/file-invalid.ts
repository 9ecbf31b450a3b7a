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

/** A text that no YAML parser accepts: a build that reads it renders nothing. */
export class NotYaml extends FileInvalid {}

/** The source's directory does not exist, or is not what its type needs. */
export class PathMissing extends Error {
  override readonly name = 'PathMissing';
}

/** Reads a file, and adds its name to a {@link FileInvalid} that `read` throws. */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FileInvalid) || error.file !== undefined) throw error;
    throw error instanceof NotYaml ? new NotYaml(error.message, file) : new FileInvalid(error.message, file);
  }
}
