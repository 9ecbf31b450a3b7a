/** A `Status` as the Kubernetes API server words it; the message is what people see. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, never>;
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: Record<string, unknown>;
  code?: number;
}

/** What a request is about, as far as a Status mentions it. */
export interface Subject {
  resource: string;
  namespace?: string;
  name?: string;
}

const group = 'argoproj.io';

/** The refusals of an API server, by their reason. */
export const status = {
  unauthorized: () => failure(401, 'Unauthorized', 'Unauthorized'),

  noSuchResource: () => failure(404, 'NotFound', 'the server could not find the requested resource'),

  notFound: ({ resource, name = '' }: Subject) =>
    failure(404, 'NotFound', `${resource}.${group} "${name}" not found`, { name, group, kind: resource }),

  methodNotAllowed: () =>
    failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'),

  badRequest: (message: string) => failure(400, 'BadRequest', message),

  alreadyExists: ({ resource, name = '' }: Subject) =>
    failure(409, 'AlreadyExists', `${resource}.${group} "${name}" already exists`, { name, group, kind: resource }),

  conflict: ({ resource, name = '' }: Subject) =>
    failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${resource}.${group} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      { name, group, kind: resource },
    ),

  unsupportedMediaType: (type: string) =>
    failure(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: application/merge-patch+json; got ${type}`,
    ),

  watchExpired: (asked: number, current: number) =>
    failure(410, 'Expired', `too old resource version: ${asked} (${current})`),

  continueExpired: () =>
    failure(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    ),

  forbidden: (
    { resource, namespace, name }: Subject,
    verb: string,
    user = 'system:serviceaccount:k8sta:argo-watcher',
  ) =>
    failure(
      403,
      'Forbidden',
      `${resource}.${group}${name ? ` "${name}"` : ''} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'}`,
      { ...(name && { name }), group, kind: resource },
    ),

  tooManyRequests: (retryAfterSeconds: number) =>
    failure(429, 'TooManyRequests', 'the server has received too many requests and has asked us to try again later', {
      retryAfterSeconds,
    }),

  internalError: (message: string) => failure(500, 'InternalError', `Internal error occurred: ${message}`),

  serviceUnavailable: () => failure(503, 'ServiceUnavailable', 'the server is currently unable to handle the request'),

  deleted: (name: string, resource: string, uid: unknown): Status => ({
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' },
    details: { name, group, kind: resource, uid },
  }),
};

function failure(code: number, reason: string, message: string, details?: Record<string, unknown>): Status {
  return {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
    ...{ message, reason, ...(details && { details }), code },
  };
}
