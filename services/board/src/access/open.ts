import type { Log } from '@k8sta/bus';
import { type Config, options } from '../config.js';
import { type Access, nobody } from './access.js';
import { type Oidc, oidcAccess } from './oidc.js';
import { proxyAccess } from './proxy.js';
import { loadRoles, noRoles, type Roles } from './roles.js';
import { readSessionKey, Sessions } from './session.js';

/** How people sign in and what they may do, as configured. */
export async function openAccess(config: Config, log: Log): Promise<{ access: Access | Oidc; roles: Roles }> {
  const roles = config.roles ? await loadRoles(options.roles.env, config.roles) : noRoles;
  const { oidcIssuer: issuer, oidcClientId: clientId, sessionKeyFile, url, proxyAddresses } = config;
  if (issuer && clientId && sessionKeyFile && url) {
    const secret = await readSessionKey(options.sessionKeyFile.env, sessionKeyFile);
    const sessions = new Sessions(secret, { isSecure: url.startsWith('https:'), sessionMs: config.sessionMs });
    const { oidcClientSecretFile: clientSecretFile, oidcScopes: scopes } = config;
    const claims = { nameClaim: config.oidcNameClaim, groupsClaim: config.oidcGroupsClaim };
    return {
      access: oidcAccess({ issuer, clientId, clientSecretFile, scopes, ...claims, url, sessions, roles, log }),
      roles,
    };
  }
  if (proxyAddresses.count > 0) {
    const { proxyUserHeader: userHeader, proxyGroupsHeader: groupsHeader } = config;
    return { access: proxyAccess({ blocks: proxyAddresses.blocks, userHeader, groupsHeader }), roles };
  }
  return { access: nobody, roles };
}
