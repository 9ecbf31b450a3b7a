import { commonOptions, file, flag, integer, type Options, option } from '@k8sta/runtime';

const secondMs = 1_000;
const hourMs = 3_600 * secondMs;

/** What the notifier reads from its environment. */
export const options = {
  ...commonOptions,
  rules: option(
    'K8STA_NOTIFY_RULES',
    file,
    'The rules file: which events go to which receivers, see docs/notifications.md.',
  ),
  secrets: option(
    'K8STA_NOTIFY_SECRETS',
    file.optional(),
    'A directory with the files that `secretFile` names in the rules file. The notifier reads a file again for each message.',
  ),
  timeoutMs: option(
    'K8STA_NOTIFY_TIMEOUT_MS',
    integer(100, 60 * secondMs).default(10 * secondMs),
    'How long a receiver may take to answer, in milliseconds.',
  ),
  giveUpMs: option(
    'K8STA_NOTIFY_GIVE_UP_MS',
    integer(60 * secondMs, 29 * 24 * hourMs).default(24 * hourMs),
    'How long the notifier retries a message, in milliseconds from its event.',
  ),
  insecure: option(
    'K8STA_NOTIFY_INSECURE',
    flag.default(false),
    'Whether messages may leave this host without TLS: to an http:// address, or by SMTP with `tls: none`.',
  ),
} as const satisfies Options;
