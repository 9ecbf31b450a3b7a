import { commonOptions, file, integer, list, type Options, option } from '@k8sta/runtime';

const kibibyte = 1024;

export const options = {
  ...commonOptions,
  httpPort: option(
    'K8STA_HTTP_PORT',
    integer(0, 65535).default(8080),
    'The port that webhooks are posted to; 0 takes a free one.',
  ),
  tracks: option('K8STA_TRACKS', list, 'Tracks files, or directories of them, separated by commas.'),
  webhookSecrets: option(
    'K8STA_WEBHOOK_SECRETS',
    file,
    'A directory that holds a file for each sender, such as `dockerhub`, with one secret a line; read again when it changes. A sender without a file is closed.',
  ),
  bodyLimit: option(
    'K8STA_BODY_LIMIT',
    // The whole body is stored as one message, and NATS takes 1 MiB with its envelope unless max_payload is raised.
    integer(kibibyte, 8 * kibibyte * kibibyte).default(768 * kibibyte),
    "The largest body a webhook may have, in bytes; the NATS servers' max_payload must be larger.",
  ),
} as const satisfies Options;
