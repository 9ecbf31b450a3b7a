import assert from 'node:assert/strict';
import { hmac, literalHeader, pathSecret } from './proof.js';
import { parseSecrets } from './secret-lines.js';

const parse = (text: string, proof: Parameters<typeof parseSecrets>[1]) => parseSecrets(text, proof, 'ghcr');
const valuesOf = (...read: Parameters<typeof parse>) => parse(...read).secrets.map(({ value }) => value);

const one = 'one-secret-of-enough-characters';
const two = 'two-secret-of-enough-characters';
const signature = hmac('X-Signature', { algorithm: 'sha256', prefix: '', encoding: 'hex' });

describe('parseSecrets', () => {
  it('reads one secret from each line, which it names by the file and the line, and names each invalid line', () => {
    assert.deepEqual(parse(`${one}\n\n  ${two}\r\n`, pathSecret), {
      secrets: [
        { name: 'ghcr:1', value: one },
        { name: 'ghcr:3', value: two },
      ],
      faults: [],
    });
    assert.deepEqual(parse(`${one}\n\nshort\na/secret with characters\n?`, pathSecret), {
      secrets: [{ name: 'ghcr:1', value: one }],
      faults: [
        'line 3 has fewer than 16 characters',
        'line 4 may hold only letters, digits, "-", ".", "_" and "~"',
        'line 5 has fewer than 16 characters',
        'line 5 may hold only letters, digits, "-", ".", "_" and "~"',
      ],
    });
    assert.deepEqual(parse(' \n', pathSecret), { secrets: [], faults: ['holds no secret'] });
  });

  it('allows the characters that can be sent where the proof is', () => {
    const bearer = 'Bearer a/b+c==, and more';
    const words = 'schlüssel zum königreich';
    assert.deepEqual(valuesOf(bearer, literalHeader('Authorization')), [bearer]);
    assert.deepEqual(parse(words, literalHeader('Authorization')).faults, [
      'line 1 may hold only printable ASCII characters',
    ]);
    assert.deepEqual(valuesOf(words, signature), [words]);
    assert.deepEqual(parse(`${one}\0`, signature).faults, ['line 1 may hold only printable characters']);
  });

  it('bounds how many secrets are valid at a time', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `${one}-${at}`);
    const { secrets, faults } = parse(many.join('\n'), signature);
    assert.deepEqual(
      secrets.map(({ value }) => value),
      many.slice(0, 10),
    );
    assert.deepEqual(faults, ['has more than 10 secrets; those from line 11 on are not valid']);
  });
});
