import assert from 'node:assert/strict';
import { formatFault } from './fault.js';
import { parseTracks } from './parse.js';

/** The faults of the second of two Stations that states these keys, without the place of their line. */
function faultsOf(keys: string): string[] {
  const text = `tracks: [{name: shop, images: [{repository: acme/shop}], stations: [{name: dev, applications: [dev]},
 ${keys}
 ]}]`;
  const parsed = parseTracks([{ path: 'f', text }]);
  return 'faults' in parsed ? parsed.faults.map((fault) => formatFault(fault).replace('f:2:', '')) : [];
}

const gates = (written: string) => faultsOf(`{name: prod, applications: [prod], gates: {${written}}}`);
const window = (written: string) => gates(`windows: [{kind: allow, schedule: "0 8 * * *", duration: 8h, ${written}}]`);
const schedule = (written: string) => gates(`windows: [{kind: deny, schedule: "${written}", duration: 8h}]`);
const cron = '"schedule" must be a cron expression of five fields, such as "0 8 * * 1-5"';
const many = (count: number, item: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => item(at)).join(', ');

const cases: Record<string, [string[], string[]]> = {
  'an approval by nobody': [gates('approval: {count: 0}'), ['63: "count" must be at least 1']],
  'an approval by too many': [gates('approval: {count: 21}'), ['63: "count" must be at most 20']],
  'a count that is not whole': [gates('approval: {count: 1.5}'), ['63: "count" must be a whole number']],
  'a count in words': [gates('approval: {count: two}'), ['63: "count" must be a whole number']],
  'more approvals than people': [
    gates('approval: {count: 3, by: [alice, bob]}'),
    ['63: "count" is 3, but "by" names only 2 people'],
  ],
  'a person who is named twice': [
    gates('approval: {count: 2, by: [alice, alice]}'),
    ['78: an item of "by" repeats "alice"'],
  ],
  'a person whose name holds a space': [
    gates('approval: {by: [alice b]}'),
    ['61: an item of "by" must be the name of a person: letters, digits, "@", ".", "_", "+" and "-", at most 128'],
  ],
  'an empty list of people': [gates('approval: {by: []}'), ['60: "by" must not be empty']],
  'too many people': [
    gates(`approval: {by: [${many(51, (at) => `p${at}`)}]}`),
    ['60: "by" must have at most 50 entries'],
  ],
  'an unknown gate': [gates('window: []'), ['45: unknown key "window"; did you mean "windows"?']],
  'no windows': [gates('windows: []'), ['54: "windows" must not be empty']],
  'a window without its duration': [
    gates('windows: [{kind: allow, schedule: "0 8 * * *"}]'),
    ['55: a window needs "duration"'],
  ],
  'a window of an unknown kind': [
    gates('windows: [{kind: open, schedule: "0 8 * * *", duration: 8h}]'),
    ['62: "kind" must be "allow" or "deny"'],
  ],
  'a schedule with seconds': [schedule('0 0 8 * * *'), [`78: ${cron}`]],
  'a schedule by a nickname': [schedule('@daily'), [`78: ${cron}`]],
  'a schedule by a date': [schedule('2026-01-01T00:00:00'), [`78: ${cron}`]],
  'a schedule of no minute': [schedule('61 8 * * *'), [`78: ${cron}: Invalid value for minute: 61`]],
  'a schedule of no day': [schedule('0 8 30 2 *'), ['78: "schedule" never comes: no such day exists']],
  'an unknown time zone': [
    window('timeZone: Europe/Berlinn'),
    ['116: "timeZone" must be an IANA time zone, such as "Europe/Berlin" or "UTC"'],
  ],
  'an offset instead of a time zone': [
    window('timeZone: "+01:00"'),
    ['116: "timeZone" must be an IANA time zone, such as "Europe/Berlin" or "UTC"'],
  ],
  'a check without a name': [gates('checks: [{of: dev}]'), ['54: a check needs "name"']],
  'a check whose name is no DNS label': [
    gates('checks: [{name: Smoke}]'),
    [
      '61: "name" must be a DNS label: lower-case letters, digits and "-", at most 63, beginning and ending with a letter or digit',
    ],
  ],
  'two checks of one name': [
    gates('checks: [{name: smoke}, {name: smoke, of: dev}]'),
    ['76: the check "smoke" is already named at f:2:61'],
  ],
  'a check without time': [
    gates('checks: [{name: smoke, timeout: 0s}]'),
    ['77: "timeout" must be between 1s and 720h'],
  ],
  'an unknown key of a check': [
    gates('checks: [{name: a, time: 5m}]'),
    ['64: unknown key "time"; a check has "name", "of", "timeout"'],
  ],
  'a Station to come after that is no <track>/<station>': [
    gates('after: [dev]'),
    ['53: an item of "after" must be <track>/<station>, such as "eu/prod"'],
  ],
  'one Station to come after twice': [
    gates('after: [shop/dev, shop/dev]'),
    ['63: the Station "shop/dev" is already named at f:2:53'],
  ],
  'a soak time without a unit': [
    faultsOf('{name: prod, applications: [prod], soak: 10}'),
    ['43: "soak" is a number without a unit: write "10m" for minutes or "10s" for seconds'],
  ],
  'an unknown answer to a revert': [
    faultsOf('{name: prod, applications: [prod], afterRevert: go}'),
    ['50: "afterRevert" must be "hold" or "goOn"'],
  ],
};

describe('the gates of a Station', () => {
  for (const [what, [actual, expected]] of Object.entries(cases)) {
    it(`refuse ${what}`, () => assert.deepEqual(actual, expected));
  }

  it('may have several windows that allow and deny, and people without a count', () => {
    const allow = '{kind: allow, schedule: "0 8 * * MON-FRI", duration: 8h}';
    const deny = '{kind: deny, schedule: "0 0 L * *", duration: 24h, timeZone: America/New_York}';
    assert.deepEqual(
      gates(`approval: {by: [a_B-1, alice+ops@example.com]}, windows: [${allow}, ${allow}, ${deny}, ${deny}]`),
      [],
    );
  });
});
