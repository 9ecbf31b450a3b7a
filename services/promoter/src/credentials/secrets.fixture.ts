import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';

/** A directory of mounted Secrets. It replaces a Secret as the kubelet does, by a link to its next version. */
export class MountedSecrets {
  readonly #directory: TemporaryDirectory;
  #version = 0;

  private constructor(directory: TemporaryDirectory) {
    this.#directory = directory;
  }

  static async create(): Promise<MountedSecrets> {
    return new MountedSecrets(await temporaryDirectory('secrets'));
  }

  get path(): string {
    return this.#directory.path;
  }

  async put(name: string, files: Record<string, string>): Promise<void> {
    const folder = join(this.path, name);
    const version = `..version_${++this.#version}`;
    await mkdir(join(folder, version), { recursive: true });
    for (const [key, text] of Object.entries(files)) {
      await writeFile(join(folder, version, key), text);
      await symlink(join('..data', key), join(folder, key)).catch(() => {});
    }
    await symlink(version, join(folder, '..next'));
    await rename(join(folder, '..next'), join(folder, '..data'));
  }

  delete(name: string): Promise<void> {
    return rm(join(this.path, name), { recursive: true, force: true });
  }

  remove(): Promise<void> {
    return this.#directory.remove();
  }
}
