import { normaliseGitUrl } from '@k8sta/contracts';
import { commonOptions, file, integer, list, type Options, option } from '@k8sta/runtime';
import { z } from 'zod';
import { templateFault } from './commit-template.js';

/** Git writes a signature as `name <address>` on one line. */
const signature = z.string().regex(/^[^<>\p{C}]*[^<>\p{C}\s][^<>\p{C}]*$/u, 'must be one line without "<" and ">"');

const repositories = list.transform((addresses, context) =>
  addresses.map((address) => {
    try {
      return normaliseGitUrl(address);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  }),
);

/** A Liquid template for commit messages. */
const template = z.string().superRefine((text, context) => {
  const fault = templateFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

/** What the promoter reads from its environment. */
export const options = {
  ...commonOptions,
  mirrors: option(
    'K8STA_MIRRORS',
    z.string(),
    'The directory of the bare mirrors. It is a cache and may be empty at any start. Each promoter needs its own.',
  ),
  mirrorsMaxMegabytes: option(
    'K8STA_MIRRORS_MAX_MB',
    integer(1, 10_000_000).default(8_000),
    'How much disk all mirrors may use together, in megabytes. Beyond it, the promoter removes the mirrors that no job uses, and first the one that was used the longest time ago. A removed mirror is fetched again when it is needed.',
  ),
  credentials: option(
    'K8STA_GIT_CREDENTIALS',
    z.string().optional(),
    "A directory with a folder for each Secret, in the format of Argo CD's repository and repo-creds Secrets. The longest url that is a prefix of the repository's address applies. The promoter reads them again when they change.",
  ),
  knownHosts: option(
    'K8STA_GIT_KNOWN_HOSTS',
    file.optional(),
    'A known_hosts file of OpenSSH. Without it, the promoter connects to no server by ssh. The promoter reads it again for each connection.',
  ),
  caFile: option(
    'K8STA_GIT_CA_FILE',
    file.optional(),
    "The certificate authorities to trust in addition to the system's, in PEM. The promoter reads the file again when it changes.",
  ),
  repositories: option(
    'K8STA_GIT_REPOSITORIES',
    repositories.optional(),
    'The only repositories that the promoter may write to, or read charts from, separated by commas. Without it, it may use all.',
  ),
  authorName: option('K8STA_GIT_AUTHOR_NAME', signature.default('K8sTA'), 'The name of the author of the commits.'),
  authorEmail: option(
    'K8STA_GIT_AUTHOR_EMAIL',
    signature.default('k8sta@localhost'),
    'The e-mail address of the author of the commits.',
  ),
  commitMessage: option(
    'K8STA_COMMIT_MESSAGE',
    template.optional(),
    'A Liquid template for the commit messages, see docs/git-credentials.md. The trailers always follow it. Without it, the message is one line.',
  ),
  commitLink: option(
    'K8STA_COMMIT_LINK',
    template.optional(),
    'A Liquid template for an address that leads to the Ticket. The template of the commit messages names it as link.',
  ),
  signingKeyFile: option(
    'K8STA_GIT_SIGNING_KEY_FILE',
    file.optional(),
    'The private key that signs the commits: an ssh key, or an OpenPGP key in its armored form. The promoter reads the file again for each push.',
  ),
  signingPassphraseFile: option(
    'K8STA_GIT_SIGNING_PASSPHRASE_FILE',
    file.optional(),
    'A file with the passphrase of the signing key.',
  ),
  firstByteMs: option(
    'K8STA_GIT_FIRST_BYTE_MS',
    integer(100, 600_000).default(30_000),
    'How long a Git server may take to send the first byte, in milliseconds.',
  ),
  stallMs: option(
    'K8STA_GIT_STALL_MS',
    integer(100, 3_600_000).default(60_000),
    'How long a Git server may be silent in the middle of a transfer, in milliseconds.',
  ),
  workerLimit: option(
    'K8STA_GIT_WORKERS',
    integer(1, 1_000).default(16),
    'How many Git worker processes may run. Each takes about 80 MB. A process serves any number of repositories, eight jobs at a time; a remote that hangs delays only one job.',
  ),
  workerIdleMs: option(
    'K8STA_GIT_WORKER_IDLE_MS',
    integer(0, 86_400_000).default(300_000),
    'How long an idle Git worker process is kept, in milliseconds.',
  ),
} as const satisfies Options;
