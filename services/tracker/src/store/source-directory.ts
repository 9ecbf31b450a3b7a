import { branchRef, type DataOf, normaliseGitUrl } from '@k8sta/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { ApplicationSource } from '../observation.js';
import { answerOf } from './redis-connection.js';

/**
 * The sources of every observed Application, on a Track or not: the promoter must not edit a file that an Application outside
 * the Station reads. They are kept in Redis, because each observation reaches only one tracker, and cached in memory until
 * they change.
 */
export interface SourceDirectory {
  /** Stores the sources of an Application if they changed. */
  note(observed: DataOf<'application.observed'>): Promise<void>;
  forget(gone: DataOf<'application.gone'>): Promise<void>;
  /** The stored sources, by normalised repository. */
  sources(): Promise<(repository: string) => readonly ApplicationSource[]>;
  /** Whether it was filled once, and not lost since. */
  isFilled(): Promise<boolean>;
  /** Marks it as filled. */
  filled(): Promise<void>;
}

const sourcesKey = 'k8sta:sources';
const versionKey = 'k8sta:sources:version';

/**
 * An older observation of the same object may be handled after a newer one: resourceVersions are compared as unsigned
 * integers. ARGV: Application, uid, resourceVersion ('' for any), its sources ('' when it is gone).
 */
const noteScript = `
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local entry = cjson.decode(known)
  if entry.uid == ARGV[2] and ARGV[3] ~= '' then
    local old, new = entry.resourceVersion, ARGV[3]
    if #new < #old or (#new == #old and new <= old) then return 0 end
  end
  if entry.sources == ARGV[4] then return 0 end
  if ARGV[4] == '' and entry.uid ~= ARGV[2] then return 0 end
elseif ARGV[4] == '' then
  return 0
end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  local entry = cjson.encode({uid = ARGV[2], resourceVersion = ARGV[3], sources = ARGV[4]})
  redis.call('HSET', KEYS[1], ARGV[1], entry)
end
redis.call('INCR', KEYS[2])
return 1
`;

const entry = z.object({ sources: z.string() });
const sourceList = z.array(z.object({ repository: z.string(), branch: z.string().optional(), path: z.string() }));

type NoteCommand = (...keysAndArguments: string[]) => Promise<number>;

export function sourceDirectory(redis: Redis): SourceDirectory {
  redis.defineCommand('k8staNote', { numberOfKeys: 2, lua: noteScript });
  const noteCommand = (redis as unknown as { k8staNote: NoteCommand }).k8staNote.bind(redis);
  const note = (application: string, uid: string, resourceVersion: string, sources: string) =>
    answerOf(noteCommand(sourcesKey, versionKey, application, uid, resourceVersion, sources));
  let mirror: { version: string | null; byRepository: Map<string, ApplicationSource[]> } | undefined;

  const read = async (version: string | null) => {
    const stored = await answerOf(redis.hgetall(sourcesKey));
    const byRepository = new Map<string, ApplicationSource[]>();
    for (const [key, text] of Object.entries(stored)) {
      const [, namespace = '', name = ''] = key.split('/');
      for (const source of sourceList.parse(JSON.parse(entry.parse(JSON.parse(text)).sources))) {
        const known = byRepository.get(source.repository) ?? [];
        known.push({ namespace, name, branch: source.branch, path: source.path });
        byRepository.set(source.repository, known);
      }
    }
    return { version, byRepository };
  };

  return {
    async note(observed) {
      await note(keyOf(observed), observed.uid, observed.resourceVersion, JSON.stringify(sourcesOf(observed)));
    },
    async forget(gone) {
      await note(keyOf(gone), gone.uid, gone.resourceVersion ?? '', '');
    },
    async sources() {
      const version = await answerOf(redis.get(versionKey));
      if (!mirror || mirror.version !== version) mirror = await read(version);
      const { byRepository } = mirror;
      return (repository) => byRepository.get(repository) ?? [];
    },
    isFilled: async () => (await answerOf(redis.get(versionKey))) !== null,
    async filled() {
      await answerOf(redis.incr(versionKey));
    },
  };
}

function keyOf({ instance, namespace, name }: { instance: string; namespace: string; name: string }): string {
  return `${instance}/${namespace}/${name}`;
}

/** Its directories in Git. A source with an invalid address is skipped: no commit can go there. */
function sourcesOf({ sources }: DataOf<'application.observed'>): z.input<typeof sourceList> {
  return sources.flatMap(({ repository, targetRevision, path }) => {
    if (path === undefined) return [];
    try {
      return [{ repository: normaliseGitUrl(repository), branch: branchRef(targetRevision), path }];
    } catch {
      return [];
    }
  });
}
