import { readFile } from 'node:fs/promises';
import { type WordVerb, wordVerbs } from '@k8sta/contracts';
import { ConfigError } from '@k8sta/runtime';
import { formatIssues, sanitizeLine } from '@k8sta/text';
import picomatch from 'picomatch';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Person } from './person.js';

const names = z.array(z.string().min(1).max(256)).max(1_000);

/** What the file says: which people and groups may say what on which Tracks. */
const rolesFile = z.strictObject({
  roles: z
    .array(
      z
        .strictObject({
          groups: names.default([]),
          people: names.default([]),
          tracks: names.min(1),
          may: z.union([z.literal('everything'), z.array(z.enum(wordVerbs)).min(1)]),
        })
        .refine(({ groups, people }) => groups.length + people.length > 0, 'names neither groups nor people'),
    )
    .max(1_000),
});

/** Who may say which word of an operator. */
export interface Roles {
  /** The verbs that the person may say on this Track. */
  mayOn(person: Person, track: string): readonly WordVerb[];
  /** The verbs that the person may say on every Track: of roles with the Tracks `*`. */
  mayEverywhere(person: Person): readonly WordVerb[];
  /** Those of these groups that a role names; the others are of no use to the board. */
  known(groups: readonly string[]): string[];
}

export const noRoles: Roles = { mayOn: () => [], mayEverywhere: () => [], known: () => [] };

/** Reads the file. Throws a {@link ConfigError} that says what is wrong with it. */
export async function loadRoles(variable: string, path: string): Promise<Roles> {
  return parseRoles(variable, await readFile(path, 'utf8'));
}

export function parseRoles(variable: string, text: string): Roles {
  const read = rolesFile.safeParse(parsed(variable, text));
  if (!read.success) throw new ConfigError([`${variable}: ${formatIssues(read.error)}`]);
  const roles = read.data.roles.map((role) => ({ ...role, isOn: picomatch(role.tracks) }));
  const of = (person: Person) =>
    roles.filter(
      ({ groups, people }) => people.includes(person.name) || groups.some((group) => person.groups.includes(group)),
    );
  const verbs = (granted: typeof roles) =>
    wordVerbs.filter((verb) => granted.some(({ may }) => may === 'everything' || may.includes(verb)));
  const named = new Set(roles.flatMap(({ groups }) => groups));
  return {
    mayOn: (person, track) => verbs(of(person).filter(({ isOn }) => isOn(track))),
    mayEverywhere: (person) => verbs(of(person).filter(({ tracks }) => tracks.includes('*'))),
    known: (groups) => groups.filter((group) => named.has(group)),
  };
}

function parsed(variable: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new ConfigError([`${variable}: it is not YAML: ${sanitizeLine((error as Error).message)}`]);
  }
}
