import { list, natsOptions, type Options, option } from '@k8sta/runtime';
import { Option as Flag } from 'commander';

/** What `k8sta board` reads from its flags, or from the environment if a flag is absent. */
export const boardOptions = {
  tracks: option('K8STA_TRACKS', list, 'Tracks files, or directories of them, separated by commas.'),
  ...natsOptions,
  instances: option(
    'K8STA_ARGO_INSTANCES',
    list.default(['default']),
    'The Argo CD instances to show, by the names of their watchers, separated by commas.',
  ),
} as const satisfies Options;

/** The flags: `--nats-url` for `K8STA_NATS_URL`, and so on. */
export function boardFlags(): Flag[] {
  return Object.values(boardOptions).map(({ env, description }) => {
    const name = env.replace('K8STA_', '').toLowerCase().replaceAll('_', '-');
    return new Flag(`--${name} <value>`, description).env(env);
  });
}

/** Turns the given flags into the environment that `loadConfig` reads. Ignores the variables of the services. */
export function environmentOf(flags: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  const given = boardFlags().map((flag) => [flag.envVar, flags[flag.attributeName()]] as const);
  return Object.fromEntries(given.filter((each): each is [string, string] => typeof each[1] === 'string'));
}
