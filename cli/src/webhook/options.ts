import { natsOptions, type Options } from '@k8sta/runtime';
import { Option as Flag } from 'commander';

/** What the commands that read the bus take from their flags, or from the environment if a flag is absent. */
export const busOptions = natsOptions satisfies Options;

/** The flags: `--nats-url` for `K8STA_NATS_URL`, and so on. */
export function busFlags(): Flag[] {
  return Object.values(busOptions).map(({ env, description }) => {
    const name = env.replace('K8STA_', '').toLowerCase().replaceAll('_', '-');
    return new Flag(`--${name} <value>`, description).env(env);
  });
}

/** Turns the given flags into the environment that `loadConfig` reads. Ignores the variables of the services. */
export function busEnvironment(flags: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  const given = busFlags().map((flag) => [flag.envVar, flags[flag.attributeName()]] as const);
  return Object.fromEntries(given.filter((each): each is [string, string] => typeof each[1] === 'string'));
}
