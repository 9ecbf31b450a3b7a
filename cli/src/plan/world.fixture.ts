import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const deploy = 'https://git.example.com/acme/deploy.git';

/** A directory of a test: files, and Git repositories. */
export class World {
  readonly directory = mkdtempSync(join(tmpdir(), 'k8sta-plan-'));

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  write(name: string, text: string | Buffer): string {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** A repository with one commit on `main`. */
  repository(name: string, files: Readonly<Record<string, string | Buffer>>): TestRepository {
    const repository = new TestRepository(this, name);
    repository.git('init', '--quiet', '--initial-branch=main');
    repository.commit(files);
    return repository;
  }
}

/** A local clone. */
export class TestRepository {
  readonly directory: string;
  readonly #world: World;
  readonly #name: string;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    this.directory = dirname(world.write(`${name}/.keep`, ''));
  }

  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [path, text] of Object.entries(files)) this.#world.write(`${this.#name}/${path}`, text);
  }

  commit(files: Readonly<Record<string, string | Buffer>>): void {
    this.write(files);
    this.git('add', '--all', '--force');
    this.git('commit', '--quiet', '--message', 'a commit');
  }

  git(...args: string[]): string {
    const person = { GIT_AUTHOR_NAME: 'acme', GIT_AUTHOR_EMAIL: 'acme@example.com' };
    const committer = { GIT_COMMITTER_NAME: 'acme', GIT_COMMITTER_EMAIL: 'acme@example.com' };
    const config = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
    return execFileSync('git', ['-C', this.directory, '-c', 'core.autocrlf=false', ...args], {
      env: { ...process.env, ...person, ...committer, ...config },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }
}

/** An Application as `kubectl get applications` gives it, with a source of plain manifests. */
export function anApplication(name: string, source: object = {}, images = ['ghcr.io/acme/shop:1.0.0']): object {
  const metadata = { name, namespace: 'argocd', uid: name, resourceVersion: '1' };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { ...metadata, creationTimestamp: '2026-03-01T09:00:00Z' },
    spec: { project: 'shop', source: { repoURL: deploy, targetRevision: 'main', path: name, ...source } },
    status: { sourceType: 'Directory', summary: { images } },
  };
}

export function listOf(...items: object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** A tracks file with Stations that each have Applications. */
export function tracksOf(stations: Readonly<Record<string, string[]>>, image: object = {}): string {
  const list = Object.entries(stations).map(([name, applications]) => ({ name, applications }));
  const images = [{ repository: 'ghcr.io/acme/shop', ...image }];
  return JSON.stringify({ tracks: [{ name: 'shop', images, stations: list }] });
}

export function manifest(tag: string): string {
  return `kind: Pod\nspec:\n  containers:\n  - name: shop\n    image: ghcr.io/acme/shop:${tag} # theirs\n`;
}
