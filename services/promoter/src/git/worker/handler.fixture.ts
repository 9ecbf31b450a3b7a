import { join } from 'node:path';
import {
  type GitServer,
  git,
  type Repository,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import type { Progress } from './connection.js';
import { JobHandler } from './job-handler.js';
import type { Job, Remote } from './protocol.js';

export const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };
export const target = { kind: 'kustomize' as const };
export const branch = 'refs/heads/main';
export const author = { name: 'K8sTA', email: 'k8sta@localhost' };

/** A part that promotes the image of these tests in the file of the Application dev. */
export const part = {
  id: 'ticket/dev/1/0',
  ticket: 'ticket',
  track: 'storefront',
  station: 'dev',
  branch,
  applications: [{ namespace: 'argocd', name: 'dev', sources: [{ path: 'apps/dev', type: 'Kustomize' }], image }],
  protectedSources: [],
  requestedAt: new Date().toISOString(),
};
export const file = 'apps/dev/kustomization.yaml';

/** Who commits where the promoter does not. */
export const pat = 'Pat Person <pat@example.com>';

export const silent: Progress = { contact() {}, alive() {}, local() {} };

/** A kustomization that names the image of these tests with this tag. */
export function naming(tag: string, more = ''): string {
  return `${more}images:\n- name: ${image.repository}\n  newTag: ${tag}\n`;
}

/** Runs git in a directory. */
export async function gitIn(directory: string, args: string[], { committer = pat } = {}): Promise<string> {
  const environment = { ...identity('AUTHOR', pat), ...identity('COMMITTER', committer) };
  return (await git(args, { directory, environment })).trim();
}

function identity(role: 'AUTHOR' | 'COMMITTER', person: string): NodeJS.ProcessEnv {
  const [, name, email] = /(.*) <(.*)>/.exec(person) ?? [];
  return { [`GIT_${role}_NAME`]: name, [`GIT_${role}_EMAIL`]: email };
}

/** A Git server, and handlers whose mirrors are in a directory of the tests. */
export class HandlerStage {
  readonly server: GitServer;
  readonly directory: string;
  readonly #directory: TemporaryDirectory;
  #count = 0;

  private constructor(server: GitServer, directory: TemporaryDirectory) {
    this.server = server;
    this.#directory = directory;
    this.directory = directory.path;
  }

  static async start(): Promise<HandlerStage> {
    return new HandlerStage(await startGitServer(), await temporaryDirectory('worker'));
  }

  /** A new repository, and a handler with a new mirror of it. */
  async next(files: Record<string, string>): Promise<{ repository: Repository; mirror: string; handler: JobHandler }> {
    this.server.intercept(undefined);
    const repository = await this.server.createRepository(`acme/config-${++this.#count}`, { files });
    const mirror = join(this.directory, `${this.#count}`);
    return { repository, mirror, handler: new JobHandler(mirror) };
  }

  remoteOf({ url }: Repository): Remote {
    return { url, username: this.server.user, password: this.server.password };
  }

  /** Gives the handler a job for this repository. */
  ask<Answer>(
    handler: JobHandler,
    repository: Repository,
    job: Record<string, unknown>,
    progress = silent,
  ): Promise<Answer> {
    return handler.handle({ remote: this.remoteOf(repository), ...job } as Job, progress) as Promise<Answer>;
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.#directory.remove();
  }
}
