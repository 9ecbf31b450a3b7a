import type { Options } from '@k8sta/runtime';
import { Option as Flag } from 'commander';

/** The flags of these options: `--nats-url` for `K8STA_NATS_URL`, and so on. */
export function flagsOf(options: Options): Flag[] {
  return Object.values(options).map(({ env, description }) => {
    const name = env.replace('K8STA_', '').toLowerCase().replaceAll('_', '-');
    return new Flag(`--${name} <value>`, description).env(env);
  });
}

/** Turns the given flags into the environment that `loadConfig` reads. Ignores the variables of the services. */
export function environmentOf(options: Options, given: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  const values = flagsOf(options).map((flag) => [flag.envVar, given[flag.attributeName()]] as const);
  return Object.fromEntries(values.filter((each): each is [string, string] => typeof each[1] === 'string'));
}
