import assert from 'node:assert/strict';
import { ticketLink } from './ticket-link.js';

const status = {
  ...{ ticket: '0f0f', track: 'storefront', station: 'prod', promotion: '0f0f/prod/1', part: 0 },
  ...{ repository: 'https://git.test/acme/config.git', commit: 'a'.repeat(40), state: 'success' as const },
  ...{ description: 'arrived at prod', statuses: true, deployments: false, requestedAt: '2026-01-01T00:00:00Z' },
};

describe('the link of a status', () => {
  it('leads to the Ticket, as the template of commit links says', () => {
    const template = 'https://k8sta.test/{{ track }}/{{ station }}/{{ ticket }}?of={{ promotion }}';
    assert.equal(ticketLink(template, status), 'https://k8sta.test/storefront/prod/0f0f?of=0f0f/prod/1/0');
  });

  it('is absent without a template, and where the template makes no address of a web page', () => {
    assert.equal(ticketLink(undefined, status), undefined);
    assert.equal(ticketLink('{{ ticket }}', status), undefined);
    assert.equal(ticketLink('ftp://k8sta.test/{{ ticket }}', status), undefined);
    assert.equal(ticketLink('https://k8sta.test/{{ nothing }}', status), undefined);
  });
});
