import type { EditSource } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Source } from './application.js';

const globLimit = 512;

/** What a source of type Directory reads; undefined where it sets nothing. */
export function directoryOf({ directory }: Source): EditSource['directory'] {
  if (!directory) return undefined;
  const { recurse, include, exclude, jsonnet } = directory;
  const hasJsonnet = Object.values(jsonnet ?? {}).some((settings) => (settings?.length ?? 0) > 0);
  const set = {
    ...(recurse && { recurse }),
    ...(include && { include: sanitizeLine(include, globLimit) }),
    ...(exclude && { exclude: sanitizeLine(exclude, globLimit) }),
    ...(hasJsonnet && { jsonnet: true }),
  };
  return Object.keys(set).length > 0 ? set : undefined;
}
