import { oneLine } from '@k8sta/contracts';

const credentialsFile = 'look at K8STA_GIT_CREDENTIALS_FILE';

/** libgit2 says the status of an answer in its message only. */
const statusPattern = /unexpected http status code: (\d{3})/;

/** What libgit2 says besides, and what it means to a person. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /requires authentication|authentication failure/,
    `the Git server did not accept the credentials; ${credentialsFile}`,
  ],
  [/redirect/, 'the repository seems to have moved, and credentials are not taken along; correct the repoURL'],
  [/certificate/i, 'an authority of your own has to be in the file that SSL_CERT_FILE names'],
  [/unexpected EOF/, 'the connection broke in the middle'],
  [/invalid content-type/, 'what answers there is no Git server; a proxy, or a page to log in?'],
];

/** Why a Git server did not do what it was asked to, with what to do about it where that is known. */
export function remoteWords(message: string, password: string | undefined): string {
  const said = oneLine(password ? message.replaceAll(password, '***') : message);
  const status = statusPattern.exec(said)?.[1];
  if (status !== undefined) return `the Git server answered ${status}${adviceOn(Number(status))}`;
  const meaning = meanings.find(([pattern]) => pattern.test(said))?.[1];
  return meaning === undefined ? said : `${meaning} (${said})`;
}

function adviceOn(status: number): string {
  switch (status) {
    case 401:
      return `: it did not accept the credentials; ${credentialsFile}`;
    case 403:
      return `: the credentials do not allow this, or it has had too many requests; ${credentialsFile}`;
    case 404:
      return `: there is no such repository, or the credentials do not let us see it; ${credentialsFile}`;
    case 413:
      return ': the push is larger than it takes';
    case 429:
      return ': it has had too many requests';
    default:
      return status >= 500 ? ': it is not well' : '';
  }
}
