/** A `Status` with the message of the Kubernetes API server, which people see. */
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

/** The subject of a request, as a Status names it. */
export interface Subject {
  resource: string;
  namespace?: string;
  name?: string;
}

const group = 'argoproj.io';

/** The refusals of an API server, by their reason. */
export const status = {
  unauthorized: () => failure(401, 'Unauthorized', 'Unauthorized'),

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

  unsupportedMediaType: () =>
    failure(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ),

  otherName: ({ name = '' }: Subject, other: unknown) =>
    failure(400, 'BadRequest', `the name of the object (${other}) does not match the name on the URL (${name})`),

  immutable: ({ resource, name = '' }: Subject, field: string, value: unknown) =>
    failure(
      422,
      'Invalid',
      `${resource}.${group} "${name}" is invalid: ${field}: Invalid value: ${JSON.stringify(value)}: field is immutable`,
      { name, group, kind: resource },
    ),

  /** For a watch; the real server reports it as an internal error. */
  invalidResourceVersion: (asked: string | null) =>
    failure(
      500,
      undefined,
      `resourceVersion: Invalid value: "${asked}": strconv.ParseUint: parsing "${asked}": invalid syntax`,
    ),

  watchExpired: (asked: number, oldest: number) =>
    failure(410, 'Expired', `too old resource version: ${asked} (${oldest})`),

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

  deleted: (name: string, resource: string, uid: unknown): Status => ({
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' },
    details: { name, group, kind: resource, uid },
  }),
};

function failure(code: number, reason: string | undefined, message: string, details?: Record<string, unknown>): Status {
  return {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
    ...{ message, ...(reason && { reason }), ...(details && { details }), code },
  };
}
