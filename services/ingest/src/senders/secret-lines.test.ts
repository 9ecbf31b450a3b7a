import assert from 'node:assert/strict';
import { hmac, literalHeader, pathSecret } from './proof.js';
import { parseSecrets } from './secret-lines.js';

const one = 'one-secret-of-enough-characters';
const two = 'two-secret-of-enough-characters';
const signature = hmac('X-Signature', { algorithm: 'sha256', prefix: '', encoding: 'hex' });

describe('parseSecrets', () => {
  it('reads one secret from each line, and names each invalid line', () => {
    assert.deepEqual(parseSecrets(`${one}\n\n  ${two}\r\n`, pathSecret), { secrets: [one, two], faults: [] });
    assert.deepEqual(parseSecrets(`${one}\n\nshort\na/secret with characters\n?`, pathSecret), {
      secrets: [one],
      faults: [
        'line 3 has fewer than 16 characters',
        'line 4 may hold only letters, digits, "-", ".", "_" and "~"',
        'line 5 has fewer than 16 characters',
        'line 5 may hold only letters, digits, "-", ".", "_" and "~"',
      ],
    });
    assert.deepEqual(parseSecrets(' \n', pathSecret), { secrets: [], faults: ['holds no secret'] });
  });

  it('allows the characters that can be sent where the proof is', () => {
    const bearer = 'Bearer a/b+c==, and more';
    const words = 'schlüssel zum königreich';
    assert.deepEqual(parseSecrets(bearer, literalHeader('Authorization')).secrets, [bearer]);
    assert.deepEqual(parseSecrets(words, literalHeader('Authorization')).faults, [
      'line 1 may hold only printable ASCII characters',
    ]);
    assert.deepEqual(parseSecrets(words, signature).secrets, [words]);
    assert.deepEqual(parseSecrets(`${one}\0`, signature).faults, ['line 1 may hold only printable characters']);
  });

  it('bounds how many secrets are valid at a time', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `${one}-${at}`);
    const { secrets, faults } = parseSecrets(many.join('\n'), signature);
    assert.deepEqual(secrets, many.slice(0, 10));
    assert.deepEqual(faults, ['has more than 10 secrets; those from line 11 on are not valid']);
  });
});
