import { commonOptions, file, integer, list, type Options, option } from '@k8sta/runtime';

const kibibyte = 1024;

export const options = {
  ...commonOptions,
  httpPort: option('K8STA_HTTP_PORT', integer(0, 65535).default(8080), 'The port for webhooks; 0 takes a free one.'),
  tracks: option('K8STA_TRACKS', list, 'Tracks files, or directories of them, separated by commas.'),
  webhookSecrets: option(
    'K8STA_WEBHOOK_SECRETS',
    file,
    'A directory with a file for each sender, such as `dockerhub`, with one secret on each line, and perhaps more files such as `dockerhub.ci`; for `gar` and `generic-oidc`, one JSON object on each line says whose tokens are accepted. ingest reads the files again when they change. A sender without a file is closed.',
  ),
  checkSecrets: option(
    'K8STA_CHECK_SECRETS',
    file.optional(),
    'A directory with the secrets of those who may report checks, in files as in `K8STA_WEBHOOK_SECRETS`: `generic` and `generic-oidc`, and perhaps more such as `generic.smoke`. Each line may limit what it may report. Without a file nobody may report checks by HTTPS.',
  ),
  proposalSecrets: option(
    'K8STA_PROPOSAL_SECRETS',
    file.optional(),
    'A directory with the secrets of the forges that may say what happened to pull requests, in files as in `K8STA_WEBHOOK_SECRETS`: `github`, `gitlab` and `gitea` (also for Forgejo). A forge without a file is closed, and the promoter hears of a merge only when it next asks.',
  ),
  webhookRate: option(
    'K8STA_WEBHOOK_RATE',
    integer(0, 100_000).default(200),
    'How many webhooks, and how many reports of checks, a second each sender may post to a replica, ten times as many in a burst; 0 is no limit. ingest answers the others with 429.',
  ),
  webhookVerify: option(
    'K8STA_WEBHOOK_VERIFY',
    list.default([]),
    'The senders whose pushes are believed only if the registry says the same, separated by commas; for example `dockerhub,quay`, which sign nothing. ingest resolves each tag that a Track subscribes to, takes its digest from the registry, and refuses a push that the registry contradicts.',
  ),
  webhookRegistries: option(
    'K8STA_WEBHOOK_REGISTRIES',
    list.default([]),
    'How images are pulled from a registry that its webhooks do not name, or name differently: `<sender>/<name in its webhooks>=<host>[/<path>]`, separated by commas; for example `nexus/docker-hosted=registry.example.com:8082`.',
  ),
  bodyLimit: option(
    'K8STA_BODY_LIMIT',
    // The whole body is stored as one message, and NATS takes 1 MiB with its envelope unless max_payload is raised.
    integer(kibibyte, 8 * kibibyte * kibibyte).default(768 * kibibyte),
    "The maximum size of the body of a webhook, in bytes. The NATS servers' max_payload must be larger.",
  ),
  registryPollMs: option(
    'K8STA_REGISTRY_POLL_MS',
    integer(10_000, 86_400_000).optional(),
    'How often ingest looks for new tags in the registries of the subscribed repositories, in milliseconds. Without it, ingest looks for none.',
  ),
  registryCredentials: option(
    'K8STA_REGISTRY_CREDENTIALS',
    file.optional(),
    'A file with the credentials of registries in the format of ~/.docker/config.json or of a Secret of the type kubernetes.io/dockerconfigjson. ingest reads it again for each request to a token server.',
  ),
} as const satisfies Options;
