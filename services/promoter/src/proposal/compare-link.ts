import type { ImageRef } from '@k8sta/contracts';

/** Where the registry belongs to a host of source code, so that the path of the image is that of its repository. */
const hosts: readonly { readonly registry: RegExp; readonly page: string }[] = [
  { registry: /^ghcr\.io\/(?<path>[^/]+\/[^/]+)/, page: 'https://github.com/{path}/compare/{from}...{to}' },
  {
    registry: /^registry\.gitlab\.com\/(?<path>[^/]+\/[^/]+)/,
    page: 'https://gitlab.com/{path}/-/compare/{from}...{to}',
  },
];

/**
 * The page that compares the source code of two images. Undefined where the tags do not say what to compare: a version
 * without a "v" may be a Git tag with one.
 */
export function compareLink({ repository, tag }: ImageRef, oldTag: string): string | undefined {
  const [from, to] = [revisionOf(oldTag), revisionOf(tag)];
  if (from === undefined || to === undefined || from === to) return undefined;
  for (const { registry, page } of hosts) {
    const path = registry.exec(repository)?.groups?.['path'];
    if (path !== undefined) return page.replace('{path}', path).replace('{from}', from).replace('{to}', to);
  }
  return undefined;
}

/** The commit id at the end of a tag such as `main-1a2b3c4`, or a Git tag such as `v1.4.2`. */
function revisionOf(tag: string): string | undefined {
  const commit = /(?:^|[-_.])(?<commit>(?=[0-9a-f]*\d)[0-9a-f]{7,40})$/.exec(tag)?.groups?.['commit'];
  return commit ?? (/^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(tag) ? tag : undefined);
}
