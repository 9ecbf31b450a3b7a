import assert from 'node:assert/strict';
import type { ConfigError } from '@k8sta/runtime';
import { parseRegistries, parseSenders } from './registries.js';

const parse = (...entries: string[]) => parseRegistries('K8STA_X', entries, ['nexus', 'harbor']);

describe('parseSenders', () => {
  it('reads names of senders, and names each that is none', () => {
    assert.deepEqual(parseSenders('K8STA_X', ['nexus'], ['nexus', 'harbor']), new Set(['nexus']));
    assert.throws(
      () => parseSenders('K8STA_X', ['nexuss', 'harbor', '?'], ['nexus', 'harbor']),
      (error: ConfigError) => {
        assert.deepEqual(error.faults, [
          'K8STA_X: "nexuss" is not a sender; did you mean "nexus"?',
          'K8STA_X: "?" is not a sender',
        ]);
        return true;
      },
    );
  });
});

describe('parseRegistries', () => {
  it('reads how images are pulled, by the sender and by the name in its webhooks', () => {
    assert.deepEqual(
      [...parse('nexus/docker-hosted=registry.example.com:8082', 'harbor/harbor-core:80=harbor.example.com/proxy')],
      [
        ['nexus/docker-hosted', 'registry.example.com:8082'],
        ['harbor/harbor-core:80', 'harbor.example.com/proxy'],
      ],
    );
    assert.equal(parse().size, 0);
  });

  it('names all faults', () => {
    const entries = ['nexus', 'nexuss/x=a.example', 'nexus/x=registry', 'nexus/y=a.example', 'nexus/y=b.example'];
    assert.throws(
      () => parse(...entries),
      (error: ConfigError) => {
        assert.deepEqual(error.faults, [
          'K8STA_X: "nexus" must be <sender>/<name in its webhooks>=<host>[/<path>]',
          'K8STA_X: "nexuss/x=a.example" names no sender; did you mean "nexus"?',
          'K8STA_X: "nexus/x=registry" must end with a host that has a dot or a port, such as "registry.example.com:5000"',
          'K8STA_X: "nexus/y=b.example" names the same registry again',
        ]);
        return true;
      },
    );
  });
});
