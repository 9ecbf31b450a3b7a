import assert from 'node:assert/strict';
import { explainRemoteError } from './error-messages.js';

describe('explainRemoteError', () => {
  for (const [said, shown] of [
    ['unexpected http status code: 403', /^the Git server answered 403: .*K8STA_GIT_CREDENTIALS$/],
    [
      'unexpected http status code: 404',
      /^the Git server answered 404: the repository does not exist, or .*CREDENTIALS/,
    ],
    ['unexpected http status code: 502', /^the Git server answered 502 \(server error\)$/],
    ['unexpected http status code: 418', /^the Git server answered 418$/],
    ['server requires authentication that we do not support', /^the Git server did not accept the credentials; check/],
    ["cannot redirect from 'a' to 'b'", /moved.*correct the repoURL \(cannot redirect from 'a' to 'b'\)$/],
    ['the SSL certificate is invalid', /K8STA_GIT_CA_FILE/],
    ['invalid or unknown remote ssh hostkey', /^the host key of the server is not one that K8STA_GIT_KNOWN_HOSTS has/],
    [
      "cannot extend packfile '/mirrors/objects/pack/pack_git2_6fe36760230180cd': No space left on device",
      /^no space left on the promoter's disk of mirrors: make room in K8STA_MIRRORS, or [^/]*$/,
    ],
    ["ENOSPC: no space left on device, mkdir '/mirrors/a'", /^no space left on the promoter's disk of mirrors/],
    ['the server failed: unpacker error: No space left on device', /^the server failed: unpacker error: No space left/],
    ['failed to resolve address for git.test', /^failed to resolve address for git.test$/],
  ] as const) {
    it(said, () => assert.match(explainRemoteError(said, []), shown));
  }

  it('hides the password, and joins the lines of a message', () => {
    const explained = explainRemoteError('fatal: hunter2\nat https://me:pw@git.test/x', ['hunter2']);
    assert.equal(explained, 'fatal: *** at https://git.test/x');
  });
});
