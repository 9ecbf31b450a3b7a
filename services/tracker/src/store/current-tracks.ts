import type { Log } from '@k8sta/bus';
import { joined } from './joined.js';
import { type Keys, singleKeys } from './keys.js';
import { answerOf, type RedisClient } from './redis-connection.js';

/** How often each tracker announces its tracks files, in milliseconds. */
export const announceEveryMs = 5_000;
/** After this long without a tracker that has the current files, others take over, in milliseconds. */
export const liveMs = 20_000;
/** The same after a tracker with them has shut down: the others with them announce them within this time. */
const leftMs = announceEveryMs + 2_000;
/** A start with files that a tracker had this recently is a restart, not a change, in milliseconds. */
const ranMs = 10 * 60_000;

/**
 * KEYS: the hash of the current files, our mark of being live, our mark of having run. ARGV: our fingerprint, our role (start,
 * current or waiting), the time, how long we count as live, how long our files count as known, the time in milliseconds, and an
 * epoch that the current one has to be above. After a loss of Redis, a waiting tracker leaves it to the others for a while to say what is current: the
 * fingerprint is '' until then. Returns the current fingerprint, since when, whether this call changed it, and its epoch, which
 * grows with each change.
 */
const announceScript = `
local own = ARGV[1]
local current = redis.call('HGET', KEYS[1], 'files')
local isChange = false
if not current and ARGV[2] == 'waiting' then
  current = ''
  redis.call('HSET', KEYS[1], 'files', current)
  redis.call('SET', KEYS[1] .. ':live:', '1', 'PX', ARGV[4])
end
if current ~= own then
  local isAlone = not current or not redis.call('GET', KEYS[1] .. ':live:' .. current)
  local isNew = ARGV[2] == 'start' and not redis.call('GET', KEYS[3])
  local isLost = current == '' and ARGV[2] == 'current'
  if isAlone or isNew or isLost then
    redis.call('HSET', KEYS[1], 'files', own, 'since', ARGV[3])
    current = own
    isChange = true
  end
end
local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0')
if isChange or (current == own and epoch <= tonumber(ARGV[7])) then
  epoch = math.max(epoch + 1, tonumber(ARGV[6]), tonumber(ARGV[7]) + 1)
  redis.call('HSET', KEYS[1], 'epoch', string.format('%d', epoch))
end
redis.call('SET', KEYS[3], '1', 'PX', ARGV[5])
if current == own then redis.call('SET', KEYS[2], '1', 'PX', ARGV[4]) end
return {current, redis.call('HGET', KEYS[1], 'since') or ARGV[3], isChange and 1 or 0, string.format('%d', epoch)}
`;

/**
 * In a cluster, what the trackers announce is in another slot than a Track, and a save compares a copy in the Track's own slot.
 * This replaces the copy, unless it is of a later epoch: a tracker that was displaced in the meantime replaces nothing. ARGV: our
 * fingerprint, its epoch. Returns the later epoch, or ''.
 */
const copyScript = `
local epoch = redis.call('HGET', KEYS[1], 'epoch') or '0'
if tonumber(epoch) > tonumber(ARGV[2]) then return epoch end
redis.call('HSET', KEYS[1], 'files', ARGV[1], 'epoch', ARGV[2])
return ''
`;

type CopyCommand = (...keysAndArguments: string[]) => Promise<string>;

type AnnounceCommand = (...keysAndArguments: (string | number)[]) => Promise<[string, string, number, string]>;

/** Other tracks files than this tracker's are current: it decides nothing, and another tracker takes the input. */
export class OtherTracks extends Error {
  override readonly name = 'OtherTracks';
  readonly code = 'OTHER_TRACKS';
}

/** For work that another tracker does instead. */
export function ignoreOtherTracks(error: unknown): void {
  if (!(error instanceof OtherTracks)) throw error;
}

/**
 * Which tracks files are current: while a rolling update changes them, trackers with different ones run side by side, and
 * only those with the current ones may decide. The last start with new files makes them current. Files that a tracker had
 * within ten minutes are not new, so that a pod of the old version that restarts changes nothing; they become current
 * again once no tracker with the current ones is left.
 */
export interface CurrentTracks {
  /** The fingerprint of this tracker's Tracks. */
  readonly files: string;
  /** Announces the files of this tracker. True if that made them current in the place of others. */
  announce(): Promise<boolean>;
  /** Shuts down: without another tracker that has the current files, those that have others take over soon. */
  leave(): Promise<void>;
  /** Whether they were current when this tracker last looked. */
  isCurrent(): boolean;
  /** Whether they are current now. Every save checks this itself. */
  confirm(): Promise<boolean>;
  /** The error for an input that this tracker may not decide. */
  refusal(): OtherTracks;
  /** The same for a save that Redis refused: this tracker is no longer current. */
  displaced(): OtherTracks;
  /** For `/readyz`; undefined while this tracker decides. */
  notice(): string | undefined;
}

export function currentTracks(
  redis: RedisClient,
  files: string,
  log: Pick<Log, 'info' | 'warn'>,
  now: () => Date,
  keys: Keys = singleKeys,
): CurrentTracks {
  redis.defineCommand('k8staAnnounce', { numberOfKeys: 3, lua: announceScript });
  redis.defineCommand('k8staCopyCurrent', { numberOfKeys: 1, lua: copyScript });
  const announceCommand = (redis as unknown as { k8staAnnounce: AnnounceCommand }).k8staAnnounce.bind(redis);
  const copyCommand = (redis as unknown as { k8staCopyCurrent: CopyCommand }).k8staCopyCurrent.bind(redis);
  const copies = keys.shards.map(({ current }) => current).filter((key) => key !== keys.current);
  const liveKey = `${keys.current}:live:${files}`;
  const stored = joined(() => answerOf(redis.hget(keys.current, 'files')));
  /** `current` is '' while this tracker knows only that others are. */
  let known: { readonly current: string; readonly since?: string } | undefined;

  const note = (current: string, since?: string): void => {
    const before = known?.current;
    known = { current, ...(since !== undefined && { since }) };
    if (before === current) return;
    if (current === files) log.info({ files }, 'tracks files are current, this tracker decides');
    else if (before === undefined || before === files)
      log.warn({ files, current }, 'other tracks files are current, this tracker does not decide');
  };

  const announced = async (above: string) => {
    const role = known === undefined ? 'start' : known.current === files ? 'current' : 'waiting';
    const at = now();
    const about = [files, role, at.toISOString(), liveMs, ranMs, at.getTime(), above] as const;
    const answer = announceCommand(keys.current, liveKey, `${keys.current}:ran:${files}`, ...about);
    const [current, since, isChange, epoch] = await answerOf(answer);
    return { current, since, isChange: isChange === 1, epoch };
  };

  /** Returns the latest epoch of a copy that is later than ours. */
  const copyToShards = async ({ current, epoch }: { current: string; epoch: string }) => {
    if (current !== files) return undefined;
    const found = await Promise.all(copies.map((key) => answerOf(copyCommand(key, files, epoch))));
    return found.filter((later) => later !== '').sort((one, other) => Number(other) - Number(one))[0];
  };

  const refusal = () => new OtherTracks(`this tracker has the tracks files ${files}, and others are current`);

  return {
    files,
    async announce() {
      const first = await announced('0');
      // If the announced files were lost and the copies were not, their epoch is later; once above it, it is ours.
      const later = await copyToShards(first);
      const last = later === undefined ? first : await announced(later);
      if (later !== undefined) await copyToShards(last);
      // Only now: whoever decides by these files finds no copy of the others.
      note(last.current, last.since);
      return first.isChange || last.isChange;
    },
    async leave() {
      if (known?.current === files) await answerOf(redis.set(liveKey, '1', 'PX', leftMs));
    },
    isCurrent: () => known?.current === files,
    async confirm() {
      const current = await stored();
      // Redis was wiped: the next save or announcement sets it.
      if (!current) return known?.current === files;
      if (current !== known?.current) note(current);
      return current === files;
    },
    refusal,
    displaced() {
      if (known?.current === files) note('');
      return refusal();
    },
    notice() {
      if (known === undefined || known.current === files) return undefined;
      const since = known.since === undefined ? '' : ` since ${known.since}`;
      return `this tracker has the tracks files ${files} and decides nothing: ${known.current || 'others'} are current${since}`;
    },
  };
}
