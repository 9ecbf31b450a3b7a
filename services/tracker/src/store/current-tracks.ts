import type { Log } from '@k8sta/bus';
import { joined } from './joined.js';
import { answerOf, type RedisClient } from './redis-connection.js';

/** The tracks files that are current for all trackers: a hash of their fingerprint and since when. */
export const currentTracksKey = 'k8sta:tracks';
/** These two keys, followed by a fingerprint, expire: by the clock of Redis, so that the trackers' clocks do not matter. */
export const liveKey = 'k8sta:tracks:live:';
const ranKey = 'k8sta:tracks:ran:';

/** How often each tracker announces its tracks files, in milliseconds. */
export const announceEveryMs = 5_000;
/** After this long without a tracker that has the current files, others take over, in milliseconds. */
export const liveMs = 20_000;
/** The same after a tracker with them has shut down: the others with them announce them within this time. */
const leftMs = announceEveryMs + 2_000;
/** A start with files that a tracker had this recently is a restart, not a change, in milliseconds. */
const ranMs = 10 * 60_000;

/**
 * ARGV: our fingerprint, our role (start, current or waiting), the time, how long we count as live, how long our files count
 * as known. After a loss of Redis, a waiting tracker leaves it to the others for a while to say what is current: the
 * fingerprint is '' until then. Returns the current fingerprint, since when, and whether this call changed it.
 */
const announceScript = `
local own = ARGV[1]
local current = redis.call('HGET', KEYS[1], 'files')
local isChange = false
if not current and ARGV[2] == 'waiting' then
  current = ''
  redis.call('HSET', KEYS[1], 'files', current)
  redis.call('SET', '${liveKey}', '1', 'PX', ARGV[4])
end
if current ~= own then
  local isAlone = not current or not redis.call('GET', '${liveKey}' .. current)
  local isNew = ARGV[2] == 'start' and not redis.call('GET', KEYS[3])
  local isLost = current == '' and ARGV[2] == 'current'
  if isAlone or isNew or isLost then
    redis.call('HSET', KEYS[1], 'files', own, 'since', ARGV[3])
    current = own
    isChange = true
  end
end
redis.call('SET', KEYS[3], '1', 'PX', ARGV[5])
if current == own then redis.call('SET', KEYS[2], '1', 'PX', ARGV[4]) end
return {current, redis.call('HGET', KEYS[1], 'since') or ARGV[3], isChange and 1 or 0}
`;

type AnnounceCommand = (...keysAndArguments: (string | number)[]) => Promise<[string, string, number]>;

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
): CurrentTracks {
  redis.defineCommand('k8staAnnounce', { numberOfKeys: 3, lua: announceScript });
  const announceCommand = (redis as unknown as { k8staAnnounce: AnnounceCommand }).k8staAnnounce.bind(redis);
  const stored = joined(() => answerOf(redis.hget(currentTracksKey, 'files')));
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

  const refusal = () => new OtherTracks(`this tracker has the tracks files ${files}, and others are current`);

  return {
    files,
    async announce() {
      const role = known === undefined ? 'start' : known.current === files ? 'current' : 'waiting';
      const keys = [currentTracksKey, `${liveKey}${files}`, `${ranKey}${files}`];
      const announced = announceCommand(...keys, files, role, now().toISOString(), liveMs, ranMs);
      const [current, since, isChange] = await answerOf(announced);
      note(current, since);
      return isChange === 1;
    },
    async leave() {
      if (known?.current === files) await answerOf(redis.set(`${liveKey}${files}`, '1', 'PX', leftMs));
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
