import { parseTrust } from '../oidc/trust.js';
import type { Line, NamedSecret, ReadLine } from './named-secret.js';
import type { Proof } from './proof.js';

const lineIsSecret: ReadLine = (value) => ({ value });

/** The content of a file of secrets: the valid ones, and its faults. A fault never repeats a secret. */
export interface ReadSecrets {
  readonly secrets: readonly NamedSecret[];
  readonly faults: readonly string[];
}

const shortest = 16;

/** A rotation needs two. Each one costs a stranger's request an HMAC over its body. */
export const mostSecrets = 10;

/** One secret on each line of this file, or one trusted token as a JSON object; surrounding white space and empty lines do not count. */
export function parseSecrets(text: string, proof: Proof, file: string, readLine = lineIsSecret): ReadSecrets {
  const lines = text.split('\n').map((line, at) => ({ written: line.trim(), line: at + 1 }));
  const read = lines
    .filter(({ written }) => written !== '')
    .map(({ written, line }, at) => {
      // Each line costs a parse, and only the first ones are reported.
      const secret = at <= mostSecrets ? readLine(written) : { value: written };
      return {
        secret: { name: `${file}:${line}`, value: '', ...secret },
        faults: [
          ...(at <= mostSecrets ? faultsOf(secret, proof).map((fault) => `line ${line} ${fault}`) : []),
          ...(at === mostSecrets
            ? [`has more than ${mostSecrets} secrets; those from line ${line} on are not valid`]
            : []),
        ],
      };
    });
  return {
    secrets: read.filter(({ faults }, at) => faults.length === 0 && at < mostSecrets).map(({ secret }) => secret),
    faults: read.length === 0 ? ['holds no secret'] : read.slice(0, mostSecrets + 1).flatMap(({ faults }) => faults),
  };
}

function faultsOf(line: Line, proof: Proof): string[] {
  if ('fault' in line) return [line.fault];
  const { value: secret } = line;
  if (proof.kind === 'oidcToken') {
    const trust = parseTrust(secret, proof);
    return 'fault' in trust ? [trust.fault] : [];
  }
  const { pattern, may } = allowed[proof.kind];
  return [
    ...(secret.length < shortest ? [`has fewer than ${shortest} characters`] : []),
    ...(pattern.test(secret) ? [] : [`may hold only ${may}`]),
  ];
}

/** The characters that a secret may have, by where it is sent. */
const allowed = {
  // A segment of the address, compared as it was sent.
  pathSecret: { pattern: /^[A-Za-z0-9._~-]*$/, may: 'letters, digits, "-", ".", "_" and "~"' },
  literalHeader: { pattern: /^[ -~]*$/, may: 'printable ASCII characters' },
  hmac: { pattern: /^\P{Cc}*$/u, may: 'printable characters' },
} as const;
