import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@k8sta/runtime';
import { checkConfig, options } from './config.js';

const aFile = fileURLToPath(import.meta.url);
const load = (env: Record<string, string>) => checkConfig(loadConfig(options, { K8STA_TRACKS: 'tracks', ...env }));

describe("the board's configuration", () => {
  it('needs nothing but Tracks to be read-only', () => {
    const { read, url, proxyAddresses } = load({});
    assert.deepEqual([read, url, proxyAddresses.count], ['everyone', undefined, 0]);
  });

  it('reads addresses, networks and links', () => {
    const { argoUrls, proxyAddresses } = load({
      ...{ K8STA_ARGO_URLS: 'default=https://argocd.example.com, eu=https://eu.example.com' },
      ...{ K8STA_BOARD_PROXY_ADDRESSES: '10.0.0.0/8,::1', K8STA_BOARD_URL: 'https://board.example.com' },
    });
    assert.equal(argoUrls.get('eu'), 'https://eu.example.com');
    assert.ok(proxyAddresses.blocks.check('10.1.2.3') && !proxyAddresses.blocks.check('11.1.2.3'));
  });

  it('refuses what contradicts itself, and an address that is not encrypted', () => {
    for (const [env, fault] of [
      [{ K8STA_OIDC_ISSUER: 'http://issuer.example.com' }, /K8STA_OIDC_ISSUER: must begin with https/],
      [
        { K8STA_OIDC_ISSUER: 'https://issuer.example.com' },
        /needs K8STA_OIDC_CLIENT_ID[\s\S]*SESSION_KEY_FILE[\s\S]*BOARD_URL/,
      ],
      [{ K8STA_BOARD_PROXY_ADDRESSES: 'proxy' }, /item 1 must be an IP address/],
      [{ K8STA_BOARD_PROXY_ADDRESSES: '10.0.0.0/' }, /item 1 must be an IP address/],
      [{ K8STA_BOARD_PROXY_ADDRESSES: '10.0.0.1,10.0.0.0/8/0' }, /item 2 must be an IP address/],
      [{ K8STA_BOARD_READ: 'signedIn' }, /needs a way to sign in/],
      [{ K8STA_BOARD_ROLES: aFile }, /K8STA_BOARD_ROLES needs a way to sign in/],
      [{ K8STA_ARGO_URLS: 'https://argocd.example.com' }, /item 1 must be <instance>=<URL>/],
    ] as const) {
      assert.throws(() => load(env as Record<string, string>), fault);
    }
  });
});
