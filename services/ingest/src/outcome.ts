/** What may become of a webhook: the label of the metric, the HTTP status, and what it means. */
export const outcomes = {
  opened: { status: 202, meaning: 'JetStream holds a Ticket for each Track that subscribes.' },
  notSubscribed: { status: 200, meaning: 'No Track subscribes to this image and tag.' },
  wrongEncoding: { status: 415, meaning: 'The body is compressed.' },
  wrongContentType: { status: 415, meaning: 'The body does not say that it is JSON.' },
  unreadable: { status: 400, meaning: 'The body is no JSON.' },
  invalid: { status: 400, meaning: 'The body is not what this sender posts.' },
  aborted: { status: 400, meaning: 'The body ended before its announced length.' },
  notFound: { status: 404, meaning: 'The path or the secret is wrong; which one is not told.' },
  wrongMethod: { status: 405, meaning: 'The path and the secret are right, but it is no POST.' },
  tooLarge: { status: 413, meaning: 'The body is larger than K8STA_BODY_LIMIT.' },
  defect: { status: 500, meaning: 'An exception that nobody expected.' },
  notStored: { status: 503, meaning: 'JetStream did not say that it holds all of it: post it again.' },
} as const;

export type Outcome = keyof typeof outcomes;
