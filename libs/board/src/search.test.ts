import assert from 'node:assert/strict';
import { ago, runs, ticket, tracksOf } from './board.fixture.js';
import type { Facts } from './facts.js';
import { search } from './search.js';

const tracks = tracksOf(`
tracks:
- name: storefront
  images: [{repository: acme/storefront}]
  stations:
  - {name: dev, applications: [dev]}
  - {name: prod, applications: [prod]}
`);
const facts: Facts = {
  tracks,
  tickets: new Map([
    ticket('1.4.1', { is: 'completed', since: ago(60) }),
    ticket('1.4.2', { is: 'completed', since: ago(10) }),
  ]),
  applications: new Map([runs('dev', 'acme/storefront:1.4.2'), runs('prod', 'acme/storefront:1.4.1')]),
  findings: new Map(),
};

describe('search', () => {
  const find = (text: string) => {
    const { tickets, stations } = search(facts, text);
    return [tickets.map(({ tag }) => tag), stations.map(({ station }) => station)];
  };

  it('finds by a tag, a repository, or both, what runs and what rides, the newest Ticket first', () => {
    assert.deepEqual(find('1.4.2'), [['1.4.2'], ['dev']]);
    assert.deepEqual(find('Storefront'), [
      ['1.4.2', '1.4.1'],
      ['dev', 'prod'],
    ]);
    assert.deepEqual(find('acme/storefront:1.4.1'), [['1.4.1'], ['prod']]);
  });

  it('finds nothing for an unknown image, no words, and an image of no Track', () => {
    assert.deepEqual(find('9.9.9'), [[], []]);
    assert.deepEqual(find('  '), [[], []]);
    assert.deepEqual(find('redis'), [[], []]);
  });
});
