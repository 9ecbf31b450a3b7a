import { answerableMs } from '../questions.js';
import { type Permissions, permissionsOf, services, tap, tapPermissions } from './permissions.js';

/** The NATS users of a K8sTA, by name. */
export const natsUsers: Readonly<Record<string, Permissions>> = {
  ...Object.fromEntries(services.map((service) => [service, permissionsOf(service)])),
  [tap]: tapPermissions,
};

/** A little after the last moment at which an answer is sent: the server counts from when it passed the question on. */
const answersExpire = `${answerableMs / 1_000 + 10}s`;

/** The variable of nats-server's configuration that holds a user's password. */
export function passwordVariable(user: string): string {
  return `${user.replaceAll('-', '_')}_password`;
}

/**
 * The users and their permissions for nats-server. `passwords` sets their variables; it has to stand in the same file:
 * nats-server reads each included file by itself, and knows nothing of what another one has set.
 */
export function natsUsersFile(passwords = 'include passwords.conf'): string {
  const list = (subjects: readonly string[]) =>
    `[\n${subjects.map((each) => `            "${each}"\n`).join('')}          ]`;
  const user = ([name, { publish, deny, subscribe, answers }]: [string, Permissions]) => `    {
      user: "${name}"
      password: $${passwordVariable(name)}
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
  return [
    '# Generated from the catalogue of events by `npm run generate`; libs/contracts/src/nats/permissions.ts says why.\n',
    `${passwords}\n`,
    `authorization: {\n  users: [\n${Object.entries(natsUsers).map(user).join('')}  ]\n}\n`,
  ].join('');
}
