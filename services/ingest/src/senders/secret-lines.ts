import type { Proof } from './proof.js';

/** The content of a file of secrets: the valid ones, and its faults. A fault never repeats a secret. */
export interface ReadSecrets {
  readonly secrets: readonly string[];
  readonly faults: readonly string[];
}

const shortest = 16;

/** A rotation needs two. Each one costs a stranger's request an HMAC over its body. */
const most = 10;

/** One secret on each line; surrounding white space and empty lines do not count. */
export function parseSecrets(text: string, proof: Proof): ReadSecrets {
  if (proof.kind === 'oidcToken') {
    const fault = `cannot be used: its sender proves itself by an OIDC token of ${proof.issuer}, which K8sTA does not verify yet; remove the file`;
    return { secrets: [], faults: [fault] };
  }
  const { pattern, may } = allowed[proof.kind];
  const lines = text.split('\n').map((line, at) => ({ secret: line.trim(), line: at + 1 }));
  const read = lines
    .filter(({ secret }) => secret !== '')
    .map(({ secret, line }, at) => ({
      secret,
      faults: [
        ...(secret.length < shortest ? [`line ${line} has fewer than ${shortest} characters`] : []),
        ...(pattern.test(secret) ? [] : [`line ${line} may hold only ${may}`]),
        ...(at === most ? [`has more than ${most} secrets; those from line ${line} on are not valid`] : []),
      ],
    }));
  return {
    secrets: read.filter(({ faults }, at) => faults.length === 0 && at < most).map(({ secret }) => secret),
    faults: read.length === 0 ? ['holds no secret'] : read.slice(0, most + 1).flatMap(({ faults }) => faults),
  };
}

/** The characters that a secret may have, by where it is sent. */
const allowed = {
  // A segment of the address, compared as it was sent.
  pathSecret: { pattern: /^[A-Za-z0-9._~-]*$/, may: 'letters, digits, "-", ".", "_" and "~"' },
  literalHeader: { pattern: /^[ -~]*$/, may: 'printable ASCII characters' },
  hmac: { pattern: /^\P{Cc}*$/u, may: 'printable characters' },
} as const;
