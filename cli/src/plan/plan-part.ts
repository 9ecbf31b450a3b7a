import type { PlannedPart } from '@k8sta/applications';
import { applicationKey, normaliseGitUrl, type PromotedApplication } from '@k8sta/contracts';
import { planEdits, type Tree, type Trees } from '@k8sta/edits';
import type { FileAnswer } from './answer.js';
import type { Checkouts, Found } from './checkouts.js';

/** What a commit for one part would do, or why there would be none. */
export type PartAnswer =
  | { readonly is: 'planned'; readonly applications: readonly PromotedApplication[]; readonly files: FileAnswer[] }
  | { readonly is: 'refused'; readonly reason: string; readonly message: string };

/** Plans one part on the files of a checkout, as the promoter would on those of the branch. */
export async function planPart(checkouts: Checkouts, station: string, part: PlannedPart): Promise<PartAnswer> {
  const found = await checkouts.branch(normaliseGitUrl(part.repository), part.branch);
  if (found.is !== 'found') return noFiles(part, found);
  const missing = new Set<string>();
  const trees: Trees = {
    main: found.tree,
    async elsewhere({ repository, revision }) {
      const other = await elsewhere(checkouts, repository, revision);
      if (other?.is === 'found') return other.tree;
      if (other?.is === 'noCheckout') missing.add(repository);
      return undefined;
    },
  };
  const { applications, protectedSources } = part;
  const edits = await planEdits(trees, { station, applications, protectedSources });
  switch (edits.is) {
    case 'planned':
      return {
        is: 'planned',
        applications: edits.applications,
        files: await filesOf(found.tree, found.address, edits.files),
      };
    case 'refused': {
      const hint = missing.size > 0 ? `; ${[...missing].map(toAdd).join(', ')} may help` : '';
      return { is: 'refused', reason: edits.reason, message: `${edits.message}${hint}` };
    }
    case 'changed':
      throw new TypeError('a plan without a start cannot find that something changed since');
  }
}

async function elsewhere(checkouts: Checkouts, address: string, revision: string): Promise<Found | undefined> {
  try {
    return await checkouts.revision(normaliseGitUrl(address), revision);
  } catch (error) {
    // The registry of a chart, whose address is not that of a Git repository.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

async function filesOf(tree: Tree, repository: string, files: ReadonlyMap<string, string>): Promise<FileAnswer[]> {
  return Promise.all(
    [...files].map(async ([path, after]) => {
      const entry = await tree.entry(path);
      return { repository, path, before: entry?.is === 'file' ? entry.text : '', after };
    }),
  );
}

function noFiles(
  { repository, branch, applications }: PlannedPart,
  found: Exclude<Found, { is: 'found' }>,
): PartAnswer {
  const who = applications.map(applicationKey).join(', ');
  const name = branch?.replace(/^refs\/heads\//, '') ?? 'HEAD';
  switch (found.is) {
    case 'noCheckout':
      return {
        is: 'refused',
        reason: 'CheckoutMissing',
        message: `${who}: there is no checkout of ${repository}; ${toAdd(repository)}`,
      };
    case 'tag':
      return {
        is: 'refused',
        reason: 'RevisionPinned',
        message: `${who}: the targetRevision "${name}" is a tag of ${repository}; it has to be a branch`,
      };
    case 'missing':
      return {
        is: 'refused',
        reason: 'BranchMissing',
        message: `${who}: the checkout of ${repository} has no branch "${name}", neither its own nor one of origin`,
      };
  }
}

function toAdd(repository: string): string {
  return `add --checkout ${repository}=DIR`;
}
