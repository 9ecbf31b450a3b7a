import { sanitizeLine } from '@k8sta/text';
import { redact } from './redact.js';

const checkCredentials = 'check K8STA_GIT_CREDENTIALS';

/** libgit2 reports the HTTP status only in its message. */
const statusPattern = /unexpected http status code: (\d{3})/;

/** Other messages of libgit2, and what they mean to a person. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /requires authentication|authentication failure/,
    `the Git server did not accept the credentials; ${checkCredentials}`,
  ],
  [
    /redirect/,
    'the repository seems to have moved, and the promoter does not follow it with credentials; correct the repoURL',
  ],
  [
    /ssh hostkey/,
    'the host key of the server is not one that K8STA_GIT_KNOWN_HOSTS has for it; correct the file if the key has really changed',
  ],
  [
    /exchange encryption keys/,
    'the server has no host key of a type that K8STA_GIT_KNOWN_HOSTS has for it, or shares no key exchange or cipher with libssh2',
  ],
  [/certificate/i, 'add a certificate authority of your own to the file that K8STA_GIT_CA_FILE names'],
  [/proxy/i, 'the proxy does not let us through; check the key proxy of the Secret, or HTTPS_PROXY'],
  [/unexpected EOF/, 'the connection broke during the transfer'],
  [/invalid content-type/, 'the address does not answer like a Git server; is it a proxy or a login page?'],
];

/** Without what libgit2 says: that names another temporary file each time, and a new message is published again. */
const diskFull =
  "no space left on the promoter's disk of mirrors: make room in K8STA_MIRRORS, or give it a larger disk and keep K8STA_MIRRORS_MAX_MB below its size";

/** Why a Git server failed, and what to do about it if that is known. */
export function explainRemoteError(message: string, secrets: readonly string[]): string {
  const said = sanitizeLine(redact(message, secrets));
  const status = statusPattern.exec(said)?.[1];
  if (status !== undefined) return `the Git server answered ${status}${adviceOn(Number(status))}`;
  // The Git server may have a full disk, too.
  if (/^(?!the server failed|remote).*no space left on device/i.test(said)) return diskFull;
  const meaning = meanings.find(([pattern]) => pattern.test(said))?.[1];
  return meaning === undefined ? said : `${meaning} (${said})`;
}

function adviceOn(status: number): string {
  switch (status) {
    case 401:
      return `: it did not accept the credentials; ${checkCredentials}`;
    case 403:
      return `: the credentials do not allow this, or the server limits requests; ${checkCredentials}`;
    case 404:
      return `: the repository does not exist, or the credentials do not allow reading it; ${checkCredentials}`;
    case 413:
      return ': the push is larger than the server accepts';
    case 429:
      return ': the server limits requests';
    default:
      return status >= 500 ? ' (server error)' : '';
  }
}
