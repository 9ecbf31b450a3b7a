import assert from 'node:assert/strict';
import { busSettings } from './bus-settings.js';
import { ConfigError, commonOptions, loadConfig } from './config.js';

const readable = new URL(import.meta.url).pathname;

function settings(env: NodeJS.ProcessEnv) {
  return busSettings(loadConfig(commonOptions, env));
}

describe('busSettings', () => {
  it('uses TLS if it is switched on or a TLS file is set', () => {
    assert.equal(settings({}).connection.tls, undefined);
    assert.deepEqual(settings({ K8STA_NATS_CA_FILE: readable }).connection.tls?.caFile, readable);
    assert.ok(settings({ K8STA_NATS_TLS: 'true' }).connection.tls);
  });

  it('lists all contradictions', () => {
    const env = {
      K8STA_NATS_PASSWORD_FILE: readable,
      K8STA_NATS_CREDS_FILE: readable,
      K8STA_NATS_CERT_FILE: readable,
    };
    assert.throws(
      () => settings(env),
      (error: Error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.faults.length, 3);
        return true;
      },
    );
  });

  it('names every file that cannot be read', () => {
    const env = { K8STA_NATS_PASSWORD_FILE: '/no/such', K8STA_NATS_CA_FILE: '/no/such/either' };
    assert.throws(() => loadConfig(commonOptions, env), /PASSWORD_FILE: \/no\/such cannot be read.*\n.*CA_FILE/);
  });
});
