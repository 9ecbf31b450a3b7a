import { parseDuration } from '@k8sta/tracks';
import { Command, InvalidArgumentError, Option } from 'commander';
import { projects } from '../../services/argo-watcher/src/projects.js';
import { readCommits } from './commits.js';
import { InputFault } from './fault.js';
import { type Change, Replay, type ReplayOptions } from './replay.js';
import { readObjects, readTrace } from './trace.js';

interface Flags {
  readonly commits: string;
  readonly projects?: string;
  readonly output: 'text' | 'json';
  readonly degradedGrace: number;
  readonly settle: number;
}

/** How long the replay continues after the last event, so that verdicts can still change with time. */
const afterMs = 600_000;

/** The command, which writes its lines with `write`. Throws an InputFault for a fault of a file. */
export function replayCommand(write: (line: string) => void): Command {
  return new Command('replay')
    .description('judge recorded Applications: print a line for each change of a verdict')
    .argument('<trace>', "the output of 'kubectl get applications --watch --output json', also as .gz")
    .requiredOption('--commits <file>', 'the commits of the branch in order, as JSON or YAML')
    .option('--projects <file>', "the output of 'kubectl get appprojects --output json', for its sync windows")
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addOption(durationOption('--degraded-grace', 'as K8STA_DEGRADED_GRACE_MS', '2m'))
    .addOption(durationOption('--settle', 'as K8STA_SETTLE_MS', '5s'))
    .exitOverride()
    .action((trace: string, flags: Flags) => replay(trace, flags, write));
}

async function replay(
  trace: string,
  { commits, projects, output, degradedGrace, settle }: Flags,
  write: (line: string) => void,
): Promise<void> {
  const replaying = new Replay({
    commits: await readCommits(commits),
    windows: projects === undefined ? {} : await readWindows(projects),
    policy: {
      degradedGraceMs: degradedGrace,
      settleMs: settle,
      settleAfterRolloutMs: Math.min(settle, 1_000),
      askAgainMs: 5_000,
    },
  });
  const print = printer(output, write);
  let end = new Date(0);
  for await (const event of readTrace(trace)) {
    replaying.take(event).forEach(print);
    end = event.at;
  }
  replaying.runTo(new Date(end.getTime() + afterMs)).forEach(print);
}

async function readWindows(file: string): Promise<ReplayOptions['windows']> {
  const { read } = projects('default');
  const found = (await readObjects(file, 'AppProject')).map(({ object, line }) => {
    const project = read(object, new Date(0));
    if ('fault' in project) throw new InputFault(file, line, project.fault);
    return [project.slice.name, project.slice.syncWindows] as const;
  });
  return Object.fromEntries(found);
}

/** Prints what changes for a person; skips a change that yields the same line again, such as when a refresh becomes useful. */
function printer(output: Flags['output'], write: (line: string) => void): (change: Change) => void {
  const last = new Map<string, string>();
  return ({ at, application, station, commit, verdict }) => {
    const [reason, message] =
      verdict.is === 'arrived'
        ? ['Arrived', `${application}: arrived${verdict.rendered ? '' : '; there was nothing to deploy'}`]
        : [verdict.reason, verdict.message];
    const signature = JSON.stringify([commit, verdict.is, reason, message]);
    if (last.get(application) === signature) return;
    last.set(application, signature);
    const line = { at, application, station, commit, verdict: verdict.is, reason, message };
    const text = `${at} ${station} ${commit.slice(0, 8)} ${verdict.is} ${reason}  ${message}`;
    write(`${output === 'json' ? JSON.stringify(line) : text}\n`);
  };
}

function durationOption(flag: string, description: string, byDefault: string): Option {
  return new Option(`${flag} <duration>`, description).argParser(duration).default(duration(byDefault), byDefault);
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('must be a duration such as 90s or 2m');
  return ms;
}
