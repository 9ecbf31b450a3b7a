import { normaliseGitUrl, withoutCredentials } from '@k8sta/contracts';
import type { Tree } from '@k8sta/edits';
import { PlanFault } from './fault.js';
import { GitObjects } from './git-objects.js';
import { gitTree } from './git-tree.js';

/** The files of a revision, or what is wrong with it. */
export type Found =
  | { readonly is: 'found'; readonly tree: Tree; readonly address: string }
  | { readonly is: 'noCheckout' }
  | { readonly is: 'tag' | 'missing'; readonly address: string };

/** A repository's address and the local clone of it, as `--checkout` names them. */
export interface CheckoutOption {
  readonly address: string;
  readonly repository: string;
  readonly directory: string;
}

/** Reads `URL=DIR`. Throws a RangeError with a message for people. */
export function parseCheckout(text: string): CheckoutOption {
  // An address may contain "=", in a query for example; a folder rarely does.
  const at = text.lastIndexOf('=');
  const [address, directory] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || directory === '')
    throw new RangeError('must be URL=DIR: the address of a repository and a local clone');
  return { address: withoutCredentials(address), repository: normaliseGitUrl(address), directory };
}

/** The local clones, read without being written to. */
export class Checkouts {
  readonly #byRepository = new Map<string, { address: string; objects: GitObjects }>();
  readonly #trees = new Map<string, Tree>();

  constructor(options: readonly CheckoutOption[]) {
    const faults = options.flatMap(({ address, repository }, at) => {
      const first = options.findIndex((each) => each.repository === repository);
      return first === at
        ? []
        : [`--checkout ${address}: the repository is already given as ${options[first]?.address}`];
    });
    // Checked before this starts git: after a fault, nobody would end its processes.
    if (faults.length > 0) throw new PlanFault(faults);
    for (const { address, repository, directory } of options) {
      this.#byRepository.set(repository, { address, objects: new GitObjects(directory) });
    }
  }

  /** Throws a PlanFault if one of the directories is not a repository with a commit. */
  async check(): Promise<void> {
    const checked = await Promise.allSettled(
      [...this.#byRepository.keys()].map((each) => this.branch(each, undefined)),
    );
    const faults = checked.flatMap((each) => (each.status === 'rejected' ? [(each.reason as Error).message] : []));
    if (faults.length > 0) throw new PlanFault(faults);
  }

  /** A branch, by its full ref name: the local one, or that of the remote. Without a name what is checked out. */
  async branch(repository: string, branch: string | undefined): Promise<Found> {
    const known = this.#byRepository.get(repository);
    if (!known) return { is: 'noCheckout' };
    const { address } = known;
    if (branch === undefined) return this.#found(repository, ['HEAD'], { is: 'missing', address });
    const name = branch.replace(/^refs\/heads\//, '');
    const tag = await this.#found(repository, [`refs/tags/${name}`], { is: 'missing', address });
    return this.#found(repository, branchesNamed(name), { is: tag.is === 'found' ? 'tag' : 'missing', address });
  }

  /** A branch, a tag or a commit, as an Application names it. */
  async revision(repository: string, revision: string): Promise<Found> {
    const known = this.#byRepository.get(repository);
    if (!known) return { is: 'noCheckout' };
    const missing: Found = { is: 'missing', address: known.address };
    if (revision === '' || revision === 'HEAD') return this.#found(repository, ['HEAD'], missing);
    const name = revision.replace(/^(refs\/)?(heads|tags)\//, '');
    const commits = /^[0-9a-f]{7,64}$/.test(revision) ? [revision] : [];
    return this.#found(repository, [...branchesNamed(name), `refs/tags/${name}`, ...commits], missing);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byRepository.values()].map(({ objects }) => objects.close()));
  }

  async #found(repository: string, names: readonly string[], otherwise: Found): Promise<Found> {
    const known = this.#byRepository.get(repository);
    if (!known) return { is: 'noCheckout' };
    for (const name of names.filter(isRefName)) {
      const root = await known.objects.read(`${name}^{tree}`, 0);
      if (root?.type !== 'tree') continue;
      const key = `${repository} ${root.id}`;
      const tree = this.#trees.get(key) ?? gitTree(known.objects, root.id);
      this.#trees.set(key, tree);
      return { is: 'found', tree, address: known.address };
    }
    return otherwise;
  }
}

function branchesNamed(name: string): string[] {
  return [`refs/heads/${name}`, `refs/remotes/origin/${name}`];
}

/** Whether Git reads the text as the name of a ref, and not as an expression (git help check-ref-format). */
function isRefName(name: string): boolean {
  return !/[\s~^:?*[\\]|\.\.|@\{/.test(name);
}
