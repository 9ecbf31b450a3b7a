import { answerableMs, operator } from '../questions.js';
import { operatorPermissions, type Permissions, permissionsOf, services, tap, tapPermissions } from './permissions.js';

/** The NATS users of K8sTA, by name. */
export const natsUsers: Readonly<Record<string, Permissions>> = {
  ...Object.fromEntries(services.map((service) => [service, permissionsOf(service)])),
  [tap]: tapPermissions,
  [operator]: operatorPermissions,
};

/** A little longer than an answer may take: the server counts from when it delivered the question. */
const answersExpire = `${answerableMs / 1_000 + 10}s`;

/** The variable of nats-server's configuration that holds a user's password. */
export function passwordVariable(user: string): string {
  return `${user.replaceAll('-', '_')}_password`;
}

/** A user of nats-server's configuration. `password` is as it is written there: text in quotes, or a variable. */
export function natsUser(name: string, { publish, deny, subscribe, answers }: Permissions, password: string): string {
  const list = (subjects: readonly string[]) =>
    `[\n${subjects.map((each) => `            "${each}"\n`).join('')}          ]`;
  return `    {
      user: "${name}"
      password: ${password}
      permissions: {
        publish: {
          allow: ${list(publish)}${deny ? `\n          deny: ${list(deny)}` : ''}
        }
        subscribe: {
          allow: ${list(subscribe)}
        }
${answers ? `        allow_responses: {max: 1, expires: "${answersExpire}"}\n` : ''}      }
    }
`;
}

/**
 * The users and their permissions for nats-server. `passwords` sets their variables, and must be in the same file: nats-server
 * parses each included file by itself, without the variables of others.
 */
export function natsUsersFile(passwords = 'include passwords.conf'): string {
  return [
    '# Generated from the catalogue of events by `npm run generate`; libs/contracts/src/nats/permissions.ts says why.\n',
    `${passwords}\n`,
    `authorization: {\n  users: [\n${Object.entries(natsUsers)
      .map(([name, permissions]) => natsUser(name, permissions, `$${passwordVariable(name)}`))
      .join('')}  ]\n}\n`,
  ].join('');
}
