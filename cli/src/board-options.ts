import { list, natsOptions, type Options, option } from '@k8sta/runtime';

/** The options of `k8sta board` beside those of its connection. */
export const ownBoardOptions = {
  tracks: option('K8STA_TRACKS', list, 'Tracks files, or directories of them, separated by commas.'),
  instances: option(
    'K8STA_ARGO_INSTANCES',
    list.default(['default']),
    'The Argo CD instances to show, by the names of their watchers, separated by commas.',
  ),
} as const satisfies Options;

/** What `k8sta board` reads from its flags, or from the environment if a flag is absent. */
export const boardOptions = { ...ownBoardOptions, ...natsOptions } as const satisfies Options;
