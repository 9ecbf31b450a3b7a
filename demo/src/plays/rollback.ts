import type { Play } from './play.js';
import { insist } from './stage.js';

export const rollback: Play = {
  name: 'rollback',
  what: 'prod becomes Degraded, and K8sTA commits the image that ran there before.',
  line: { keys: { prod: 'onFailure: rollback' } },
  async act({ system, push, event }) {
    system.argo.setScenario('storefront-prod', { kind: 'degraded' });
    const ticket = await push('1.4.2');
    await event('ticket.rollingBack', ({ data }) => data.ticket === ticket && data.station === 'prod');
    system.argo.setScenario('storefront-prod', { kind: 'healthy' });
    const { data } = await event('ticket.failed', (each) => each.data.ticket === ticket);
    insist(data.reason === 'RolledBack', `the Ticket ended ${data.reason}: ${data.message}`);
    const file = (await system.repository.read('apps/storefront-prod/kustomization.yaml')) ?? '';
    insist(/newTag: "1\.4\.1"/.test(file), `prod names something else:\n${file}`);
    return `Ticket ${ticket} failed at prod, and prod is back at 1.4.1: ${data.message}`;
  },
};
