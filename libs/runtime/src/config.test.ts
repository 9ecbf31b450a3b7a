import assert from 'node:assert/strict';
import { z } from 'zod';
import { ConfigError, commonOptions, flag, list, loadConfig, option } from './config.js';

const options = {
  ...commonOptions,
  tracks: option('K8STA_TRACKS', list, 'Tracks files.'),
  refresh: option('K8STA_REFRESH', flag.default(false), 'Whether to refresh.'),
  token: option('K8STA_TOKEN', z.string().min(10, 'must have 10 characters at least').optional(), 'A secret.'),
};

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(options, env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.faults;
  }
}

describe('loadConfig', () => {
  it('reads the variables that are set and uses the defaults for the others', () => {
    const config = loadConfig(options, { K8STA_TRACKS: 'a.yaml, b.yaml', K8STA_REFRESH: 'true', K8STA_LOG_LEVEL: '' });
    assert.deepEqual(config.tracks, ['a.yaml', 'b.yaml']);
    assert.equal(config.refresh, true);
    assert.equal(config.logLevel, 'info');
    assert.equal(config.statusPort, 9090);
  });

  it('lists all faults, each with its variable and without its value', () => {
    const faults = faultsOf({
      K8STA_STATUS_PORT: '99999',
      K8STA_REFRESH: 'yes',
      K8STA_TOKEN: 's3cret',
      K8STA_NATS_ULR: 'nats://typo',
    });
    assert.deepEqual(
      faults.map((fault) => fault.split(/[: ]/)[0]),
      ['K8STA_STATUS_PORT', 'K8STA_TRACKS', 'K8STA_REFRESH', 'K8STA_TOKEN', 'K8STA_NATS_ULR'],
    );
    assert.ok(!faults.join().includes('s3cret'));
  });

  it('accepts only addresses of NATS servers', () => {
    const faults = (K8STA_NATS_URL: string) => faultsOf({ K8STA_TRACKS: 'a.yaml', K8STA_NATS_URL });
    for (const valid of [
      'nats://127.0.0.1:4222',
      'tls://nats.example.com:4222, nats://k8sta-nats_1:4222',
      'localhost',
      'nats://[::1]:4222',
      'NATS://a.b.:1/',
    ]) {
      assert.deepEqual(faults(valid), [], valid);
    }
    const form = 'must be nats://host:port or tls://host:port';
    for (const text of [
      'nats://not a url',
      'http://a:1',
      'nats://',
      'nats://a:0',
      'nats://a:65536',
      'nats://a:b',
      'a/b',
    ]) {
      assert.deepEqual(faults(text), [`K8STA_NATS_URL: address 1 ${form}`], text);
    }
    assert.deepEqual(faults('nats://a, nats://b c , nats://me:hunter2@d'), [
      `K8STA_NATS_URL: address 2 ${form}`,
      'K8STA_NATS_URL: address 3 must not carry a user or a password: see K8STA_NATS_USER',
    ]);
    assert.deepEqual(faults(' , '), ['K8STA_NATS_URL: must name a server, as in "nats://127.0.0.1:4222"']);
  });

  it('ignores the variables that Kubernetes injects for our Services', () => {
    const env = {
      K8STA_TRACKS: 'a.yaml',
      K8STA_INGEST_SERVICE_HOST: '10.0.0.1',
      K8STA_INGEST_SERVICE_PORT_HTTP: '8080',
      K8STA_INGEST_PORT: 'tcp://10.0.0.1:8080',
      K8STA_INGEST_PORT_8080_TCP_ADDR: '10.0.0.1',
    };
    assert.deepEqual(faultsOf(env), []);
  });
});
