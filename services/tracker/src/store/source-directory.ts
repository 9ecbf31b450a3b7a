import { randomInt } from 'node:crypto';
import { type ApplicationSource, readAt } from '@k8sta/applications';
import { type DataOf, editSource } from '@k8sta/contracts';
import { z } from 'zod';
import { joined } from './joined.js';
import { type Keys, singleKeys } from './keys.js';
import { answerOf, type RedisClient } from './redis-connection.js';

/** By normalised repository. */
export type Sources = (repository: string) => readonly ApplicationSource[];

/**
 * The sources of every observed Application, on a Track or not: the promoter must not edit a file that an Application outside
 * the Station reads. They are kept in Redis, because each observation reaches only one tracker, and cached in memory until
 * they change.
 */
export interface SourceDirectory {
  /** Stores the sources of an Application if they changed. */
  note(observed: DataOf<'application.observed'>): Promise<void>;
  forget(gone: DataOf<'application.gone'>): Promise<void>;
  /** As they are stored now: the same object as long as they do not change. */
  sources(): Promise<Sources>;
  /** As this replica read them last. What it decides by them must be decided again if `sources` returns others. */
  lastRead(): Sources;
  /** Whether it was filled once, and not lost since. */
  isFilled(): Promise<boolean>;
  /** Marks it as filled. */
  filled(): Promise<void>;
}

/**
 * An older observation of the same object may be handled after a newer one: resourceVersions are compared as unsigned
 * integers. ARGV: Application, uid, resourceVersion ('' for any), its sources ('' when it is gone), the next version.
 * Returns the version before, the version now, and whether these sources are the stored ones now.
 */
const noteScript = `
local before = redis.call('GET', KEYS[2]) or ''
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local entry = cjson.decode(known)
  if entry.sources == ARGV[4] then return {before, before, 1} end
  if entry.uid == ARGV[2] and ARGV[3] ~= '' then
    local old, new = entry.resourceVersion, ARGV[3]
    if #new < #old or (#new == #old and new <= old) then return {before, before, 0} end
  end
  if ARGV[4] == '' and entry.uid ~= ARGV[2] then return {before, before, 0} end
elseif ARGV[4] == '' then
  return {before, before, 0}
end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  local entry = cjson.encode({uid = ARGV[2], resourceVersion = ARGV[3], sources = ARGV[4]})
  redis.call('HSET', KEYS[1], ARGV[1], entry)
end
redis.call('SET', KEYS[2], ARGV[5])
return {before, ARGV[5], ARGV[4] == '' and 0 or 1}
`;

const largestVersion = 2 ** 47;

const entry = z.object({ sources: z.string() });
const sourceList = z.array(z.object({ repository: z.string(), branch: z.string().optional(), source: editSource }));

type NoteCommand = (...keysAndArguments: string[]) => Promise<[before: string, now: string, isStored: number]>;

export function sourceDirectory(redis: RedisClient, keys: Pick<Keys, 'sources'> = singleKeys): SourceDirectory {
  const sourcesKey = keys.sources;
  // A number that every change replaces by a random one: a counter would repeat itself after a failover of Redis.
  const versionKey = `${sourcesKey}:version`;
  const filledKey = `${sourcesKey}:filled`;
  redis.defineCommand('k8staNote', { numberOfKeys: 2, lua: noteScript });
  const noteCommand = (redis as unknown as { k8staNote: NoteCommand }).k8staNote.bind(redis);
  const storedVersion = joined(() => answerOf(redis.get(versionKey)));
  const noted = storedNotes();

  const note = async (application: string, uid: string, resourceVersion: string, sources: string): Promise<void> => {
    if (noted.has(application, sources)) {
      const version = await storedVersion();
      if (noted.isValid(version) && noted.has(application, sources)) return;
    }
    const next = String(randomInt(largestVersion));
    const command = noteCommand(sourcesKey, versionKey, application, uid, resourceVersion, sources, next);
    const [before, now, isStored] = await answerOf(command);
    noted.move(before, now, application, isStored === 1 ? sources : undefined);
  };

  let mirror: { version: string | null; sources: Sources } = { version: null, sources: () => [] };
  const refresh = joined(async () => {
    const version = await answerOf(redis.get(versionKey));
    if (mirror.version !== version)
      mirror = { version, sources: readSources(await answerOf(redis.hgetall(sourcesKey))) };
    return mirror.sources;
  });

  return {
    async note(observed) {
      await note(keyOf(observed), observed.uid, observed.resourceVersion, JSON.stringify(readAt(observed)));
    },
    async forget(gone) {
      await note(keyOf(gone), gone.uid, gone.resourceVersion ?? '', '');
    },
    sources: refresh,
    lastRead: () => mirror.sources,
    isFilled: async () => (await answerOf(redis.get(filledKey))) !== null,
    async filled() {
      await answerOf(redis.set(filledKey, '1'));
    },
  };
}

/**
 * What this replica knows to be stored, as of one version of the directory. An observation that repeats it has nothing to
 * write while that version is the stored one.
 */
function storedNotes() {
  let version: string | null = null;
  const byApplication = new Map<string, string>();
  return {
    has: (application: string, sources: string) => byApplication.get(application) === sources,
    isValid: (stored: string | null) => stored !== null && stored === version,
    /** This replica moved the directory from one version to the next, or found it there. */
    move(before: string, now: string, application: string, sources: string | undefined) {
      // Another replica, or a loss of Redis, has changed it in between.
      if (before !== version) byApplication.clear();
      version = now;
      if (sources === undefined) byApplication.delete(application);
      else byApplication.set(application, sources);
    },
  };
}

function readSources(stored: Readonly<Record<string, string>>): Sources {
  const byRepository = new Map<string, ApplicationSource[]>();
  for (const [key, text] of Object.entries(stored)) {
    const [, namespace = '', name = ''] = key.split('/');
    for (const source of sourceList.parse(JSON.parse(entry.parse(JSON.parse(text)).sources))) {
      const known = byRepository.get(source.repository) ?? [];
      known.push({ namespace, name, branch: source.branch, source: source.source });
      byRepository.set(source.repository, known);
    }
  }
  return (repository) => byRepository.get(repository) ?? [];
}

function keyOf({ instance, namespace, name }: { instance: string; namespace: string; name: string }): string {
  return `${instance}/${namespace}/${name}`;
}
