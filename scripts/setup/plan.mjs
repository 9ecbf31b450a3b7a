// Decides what the set-up has to do. Node built-ins only: it runs before anything is installed.
import { stripVTControlCharacters } from 'node:util';

/**
 * What K8sTA's tests and demo need in addition to Node, and how to detect it: a program on PATH, or a file.
 * `brew` is absent if macOS or its Command Line Tools provide it.
 */
export const needs = [
  { name: 'nats-server', program: 'nats-server', apt: 'nats-server', brew: 'nats-server', why: 'the bus' },
  { name: 'redis-server', program: 'redis-server', apt: 'redis-server', brew: 'redis', why: 'the state of Tickets' },
  // Debian installs it where only root's PATH leads, and macOS has it.
  { name: 'sshd', file: '/usr/sbin/sshd', apt: 'openssh-server', why: 'the ssh server of the tests', except: 'macos' },
  {
    name: 'docker-registry',
    program: 'docker-registry',
    apt: 'docker-registry',
    why: 'the image registry of the tests',
    // Homebrew has none. There, the tests that start it fail and name it.
    except: 'macos',
  },
  { name: 'git', program: 'git', apt: 'git', brew: 'git', why: 'the Git server of tests and demo' },
  { name: 'g++', program: 'g++', apt: 'g++', why: 'compiles nodegit' },
  { name: 'make', program: 'make', apt: 'make', why: 'compiles nodegit' },
  { name: 'python3', program: 'python3', apt: 'python3', why: 'compiles nodegit' },
  { name: 'krb5-config', program: 'krb5-config', apt: 'libkrb5-dev', why: 'nodegit is linked with Kerberos' },
  {
    name: 'the headers of OpenSSL',
    file: '/usr/include/openssl/ssl.h',
    apt: 'libssl-dev',
    why: 'nodegit is linked with it',
    // On macOS nodegit downloads its own OpenSSL.
    except: 'macos',
  },
];

/** Where Debian installs servers; these directories are only on root's PATH. */
const serverDirectories = ['/usr/sbin', '/usr/local/sbin'];

/** Whether this version of Node satisfies `engines.node`, which is of the form `>=20.19`. */
export function isNewEnough(version, engines) {
  const [major, minor] = version.split('.').map(Number);
  const [leastMajor, leastMinor = 0] = engines.replace('>=', '').split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** `debian` (and its derivatives), `macos` or `other`. `has` returns whether a program is on PATH. */
export function systemOf(platform, has) {
  if (platform === 'linux' && has('apt-get') && has('dpkg')) return 'debian';
  return platform === 'darwin' ? 'macos' : 'other';
}

/** The needs that are missing. `has` returns whether a program is on PATH, `exists` whether a file exists. */
export function missingNeeds(system, has, exists) {
  return needs.filter(
    ({ program, file, except }) => except !== system && !(program === undefined ? exists(file) : has(program)),
  );
}

/**
 * How to install what is missing: with apt-get or brew, or by hand with a message for a person. `can` holds what is
 * possible here: `root`, `sudo` (without a password), `brew`.
 */
export function planInstallation(system, missing, can, exists) {
  if (missing.length === 0) return { by: 'none' };
  const astray = missing.flatMap(({ program }) =>
    serverDirectories.filter((directory) => exists(`${directory}/${program}`)),
  );
  if (astray.length > 0) {
    const path = [...new Set(astray)].join(':');
    return byHand(
      missing,
      `Some of it is installed in ${path}, which is not on your PATH:\n  export PATH="$PATH:${path}"`,
    );
  }
  if (system === 'debian') {
    const packages = missing.map(({ apt }) => apt);
    if (can.root) return { by: 'apt', packages, sudo: false };
    if (can.sudo) return { by: 'apt', packages, sudo: true };
    return byHand(missing, `Install it as root:\n  apt-get update && apt-get install ${packages.join(' ')}`);
  }
  if (system === 'macos') {
    if (missing.some(({ brew }) => brew === undefined)) {
      return byHand(missing, 'Install the Command Line Tools:\n  xcode-select --install');
    }
    const packages = missing.map(({ brew }) => brew);
    if (can.brew) return { by: 'brew', packages };
    return byHand(missing, `Install Homebrew (https://brew.sh), then:\n  brew install ${packages.join(' ')}`);
  }
  return byHand(missing, "Install it with your system's package manager.");
}

function byHand(missing, how) {
  const list = missing.map(({ name, why }) => `  ${name}: ${why}`).join('\n');
  return { by: 'hand', message: `This is missing:\n${list}\n${how}\nThen run the set-up again.` };
}

/**
 * Whether node_modules matches package-lock.json, by npm's own record in node_modules/.package-lock.json. npm writes the
 * record last, so an interrupted installation has none.
 */
export function isInstalled(lock, record) {
  if (!record) return false;
  const { '': _root, ...wanted } = lock.packages;
  const there = record.packages;
  const isSame = (path) => ['version', 'integrity', 'link'].every((key) => wanted[path][key] === there[path][key]);
  // An optional package may be for another platform.
  return Object.keys(wanted).every((path) => (path in there ? isSame(path) : wanted[path].optional === true));
}

/** `0.4 s`, `3 min 5 s`. */
export function formatDuration(ms) {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The last lines of a text, without trailing empty lines. */
export function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** How many files of nodegit and its libraries are compiled on Linux; macOS has a few more. */
const nodegitFiles = 392;

/** The progress of a command, from its output so far; undefined if the output does not show it. */
export function progressOf(output) {
  const compiled = output.match(/^\s*(CC|CXX)\(target\)/gm)?.length ?? 0;
  if (compiled > 0) {
    if (/^\s*SOLINK_MODULE\(target\)/m.test(output)) return 'linking nodegit';
    return `compiling nodegit, ${compiled} of about ${Math.max(nodegitFiles, compiled)} files`;
  }
  const last = stripVTControlCharacters(lastLines(output, 1)).trim();
  return last === '' || last.startsWith('$ ') ? undefined : last.slice(0, 100);
}
