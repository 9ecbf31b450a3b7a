import assert from 'node:assert/strict';
import { announcements } from './announcements.js';
import { catalogue, definitionOf } from './catalogue.js';
import { filterFor } from './definition.js';
import { questions } from './questions.js';
import { streamKeeper, streams } from './streams.js';

/** Whether a subject that holds `*` lies within a subject filter of the same form. */
function matches(filter: string, subject: string): boolean {
  const [f, s] = [filter.split('.'), subject.split('.')];
  return f.length === s.length && f.every((token, at) => token === '*' || token === s[at]);
}

describe('catalogue', () => {
  it('names every type once, and finds it by its name', () => {
    assert.equal(new Set(catalogue.map(({ type }) => type)).size, catalogue.length);
    for (const definition of catalogue) assert.equal(definitionOf(definition.type), definition);
    assert.equal(definitionOf('ticket.unheard-of'), undefined);
  });

  it('has exactly one stream for each subject, the one of its event', () => {
    for (const definition of catalogue) {
      const capturing = streams.filter(({ subjects }) => subjects.some((each) => matches(each, filterFor(definition))));
      assert.deepEqual(
        capturing.map(({ name }) => name),
        [definition.stream],
        definition.type,
      );
    }
  });

  it('has no stream that captures a question, which JetStream would answer itself, or what replicas announce', () => {
    for (const { subject } of [...questions, ...announcements]) {
      assert.deepEqual(
        streams.filter(({ subjects }) => subjects.some((each) => matches(each, filterFor({ pattern: subject })))),
        [],
      );
    }
  });

  it('lets only the tracker request a commit', () => {
    assert.deepEqual(definitionOf('promotion.requested')?.publishers, ['tracker']);
  });

  it('gives no service a durable on an event that it publishes, which it could have delivered to any subject', () => {
    for (const { type, publishers, consumers } of catalogue) {
      // The keeper of the streams could do so anyway.
      const both = consumers.filter((service) => service !== streamKeeper && publishers.includes(service));
      assert.deepEqual(both, [], type);
    }
  });

  it('lets every service that consumes publish its dead letters', () => {
    const consuming = new Set(catalogue.flatMap(({ consumers }) => consumers));
    assert.deepEqual([...consuming].sort(), [...(definitionOf('dead.letter')?.publishers ?? [])].sort());
  });
});
