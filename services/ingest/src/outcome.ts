/** The outcomes of a webhook, of a registry or of a forge, and of the report of a check: the label of the metric, the HTTP status, and what it means. */
export const outcomes = {
  opened: { status: 202, meaning: 'JetStream holds a Ticket for each Track that subscribes.' },
  repeated: {
    status: 200,
    meaning: 'Each Track that subscribes has a Ticket for this push already; nothing is opened.',
  },
  notSubscribed: { status: 200, meaning: 'No Track subscribes to this image and tag.' },
  ignored: {
    status: 200,
    meaning: 'The webhook announces no image, or changes no pull request; such as a ping.',
  },
  reported: { status: 202, meaning: 'JetStream holds the report of a check.' },
  reportRepeated: { status: 200, meaning: 'JetStream holds the same report of a check already.' },
  proposalChanged: { status: 202, meaning: 'JetStream holds what a forge says about a pull request of K8sTA.' },
  proposalRepeated: { status: 200, meaning: 'JetStream holds the same about a pull request already.' },
  notOurs: { status: 200, meaning: 'The webhook of a forge concerns no branch that K8sTA proposes.' },
  wrongEncoding: { status: 415, meaning: 'The body is compressed.' },
  wrongContentType: { status: 415, meaning: 'The body has a content type that this sender does not use.' },
  unreadable: { status: 400, meaning: 'The body is not JSON.' },
  invalid: { status: 400, meaning: 'The body is not what this sender posts.' },
  aborted: { status: 400, meaning: 'The body ended before its announced length.' },
  malformed: { status: 400, meaning: 'The request is not HTTP/1.1.' },
  notAllowed: { status: 403, meaning: 'The secret or the token may not report this check, or not on this Track.' },
  notFound: {
    status: 404,
    meaning: 'The path or the proof of the sender is wrong, or the sender is closed; the answer does not say which.',
  },
  ticketUnknown: { status: 404, meaning: 'The Track has no such Ticket, or it ended long ago.' },
  wrongMethod: { status: 405, meaning: 'The sender is authenticated, but the method is not POST.' },
  timedOut: { status: 408, meaning: 'The request did not arrive in time: 10 s for its headers, 30 s for all of it.' },
  notAwaited: {
    status: 409,
    meaning:
      'The Ticket does not wait for the check: it is over, is past the Station, or has not arrived where it is to be checked.',
  },
  tooLarge: { status: 413, meaning: 'The body is larger than K8STA_BODY_LIMIT.' },
  chunksTooLarge: { status: 413, meaning: 'The chunk extensions of the body are larger than 16 KiB.' },
  expectationFailed: { status: 417, meaning: 'The header Expect asks for something other than 100-continue.' },
  tooMany: {
    status: 429,
    meaning: 'The sender posts more than K8STA_WEBHOOK_RATE allows: post it again after the seconds of Retry-After.',
  },
  contradicted: {
    status: 422,
    meaning:
      'K8STA_WEBHOOK_VERIFY names the sender, and the registry does not have the tag (`TagNotInRegistry`) or has it with another digest (`DigestDiffers`).',
  },
  checkUnknown: { status: 422, meaning: 'The tracks files have no such Track, Station or check.' },
  headersTooLarge: { status: 431, meaning: 'The headers are larger than 16 KiB.' },
  defect: { status: 500, meaning: 'A bug in K8sTA.' },
  tooBusy: { status: 503, meaning: 'Too many bodies wait for the authentication of their senders: post it again.' },
  issuerUnavailable: {
    status: 503,
    meaning: 'The issuer of the token did not give us the keys to verify it: post it again.',
  },
  registryUnavailable: {
    status: 503,
    meaning: 'K8STA_WEBHOOK_VERIFY names the sender, and the registry cannot be asked now: post it again.',
  },
  ticketUnavailable: { status: 503, meaning: 'The Ticket that a check is about cannot be read now: post it again.' },
  notStored: {
    status: 503,
    meaning: 'JetStream did not confirm that it holds the webhook and its Tickets, or the report: post it again.',
  },
} as const;

export type Outcome = keyof typeof outcomes;
