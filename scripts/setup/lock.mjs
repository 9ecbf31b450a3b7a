// One set-up at a time in a checkout. Node built-ins only: it runs before anything is installed.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatDuration } from './plan.mjs';

/** How often the holder touches the file, and after how long an untouched file counts as abandoned. */
const touchMs = 5_000;
const abandonedMs = 60_000;

/**
 * Does the work while this process holds the lock file. Waits, and prints a message, while another process holds it.
 * Takes over the file of a process that was killed.
 */
export async function withLock({ file, say, everyMs = 200, lifeSignMs = 30_000 }, work) {
  mkdirSync(dirname(file), { recursive: true });
  await acquire(file, say, everyMs, lifeSignMs);
  const touching = setInterval(() => touch(file), touchMs);
  touching.unref();
  try {
    return await work();
  } finally {
    clearInterval(touching);
    // Another process holds it if this machine slept for so long that our file counted as abandoned.
    if (holderOf(file)?.pid === process.pid) rmSync(file, { force: true });
  }
}

async function acquire(file, say, everyMs, lifeSignMs) {
  const began = performance.now();
  let saidAt;
  while (!take(file)) {
    const holder = holderOf(file);
    if (holder === undefined) continue;
    if (isAbandoned(holder)) {
      if (removeAbandoned(file)) say(`taking over from process ${holder.pid}, which is gone`);
      continue;
    }
    const now = performance.now();
    if (saidAt === undefined) say(`process ${holder.pid} is setting up this checkout; waiting for it`);
    else if (now - saidAt > lifeSignMs) say(`  still waiting after ${formatDuration(now - began)}`);
    if (saidAt === undefined || now - saidAt > lifeSignMs) saidAt = now;
    await pause(everyMs);
  }
}

/** A hard link is atomic: the file appears together with its content. */
function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${process.pid} ${hostname()}\n`);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Undefined if the file no longer exists. */
function holderOf(file) {
  try {
    const [pid, host] = readFileSync(file, 'utf8').trim().split(' ');
    return { pid: Number(pid), host, touchedMs: statSync(file).mtimeMs };
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** A local process is looked up by its id. After a restart another process may have that id, but does not touch the file. */
function isAbandoned({ pid, host, touchedMs }) {
  if (Date.now() - touchedMs > abandonedMs) return true;
  return host === hostname() && !isAlive(pid);
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return error.code === 'EPERM';
  }
}

/** If several processes find the file abandoned, only one can move it away. A process that moved a new file puts it back. */
function removeAbandoned(file) {
  const moved = `${file}.${process.pid}.abandoned`;
  try {
    renameSync(file, moved);
    if (!isAbandoned(holderOf(moved))) {
      linkSync(moved, file);
      return false;
    }
    return true;
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(moved, { force: true });
  }
}

function touch(file) {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch (error) {
    // A person may have removed it.
    if (error.code !== 'ENOENT') throw error;
  }
}
