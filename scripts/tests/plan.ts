/** `unit` needs no server, `real` needs servers of its own, `flow` needs all of K8sTA, or builds and measures it. */
export const tiers = ['unit', 'real', 'flow'] as const;

export type Tier = (typeof tiers)[number];

/** Test files that one mocha process runs, one after the other. */
export interface Run {
  readonly name: string;
  readonly files: readonly string[];
}

/** The suffix of a test file names what it needs: `ask.nats.test.ts`. This one names a kind of test. */
const golden = 'golden';

function suffixOf(file: string): string | undefined {
  return /\.(\w+)\.test\.ts$/.exec(file)?.[1];
}

export function tierOf(file: string): Tier {
  if (/^(test|demo|bench)\//.test(file)) return 'flow';
  if (file.startsWith('scripts/')) return 'real';
  const suffix = suffixOf(file);
  return suffix === undefined || suffix === golden ? 'unit' : 'real';
}

/** Each of these has a process of its own, because it takes a minute or more. */
const alone = [
  ...[
    ...['random-kill', 'chaos', 'pull-request', 'deploy/image'],
    ...['clusters', 'redis-sentinel', 'rolling-update', 'full-servers'],
  ].map((name) => `test/src/${name}.test.ts`),
  'services/promoter/src/git/worker-pool.git.test.ts',
  'services/promoter/src/proposal/kill.nats.test.ts',
];

/** The suites that share a system (test/src/shared-system.ts), and so a process, in the order in which they leave it as the next one needs it. */
const sharing = [
  ['checks', 'dead-letter', 'git-refusal', 'notifications', 'scenario'],
  ['kill', 'redis-restart', 'stores'],
  ['three-trackers', 'replicas', 'stores-lost'],
  ['metrics', 'repeat', 'permissions'],
  ['board', 'check-by-http', 'ghcr'],
  ['day-0', 'ride'],
].map((names) => names.map((name) => `test/src/${name}.test.ts`));

/** The runs that take longest start first, so that no core is idle at the end. A name that is missing here costs time only. */
const longest = [
  ...['test/src/checks.', 'test/src/kill.', 'test/src flow', 'demo/src flow', 'services/promoter nats'],
  ...[
    'services/promoter/src/proposal/kill.',
    'test/src/random-kill.',
    'test/src/chaos.',
    'test/src/pull-request.',
    'test/src/three-trackers.',
    'test/src/clusters.',
    'test/src/redis-sentinel.',
    'bench/src flow',
    'libs/sandbox real',
    'test/src/deploy/image.',
    'test/src/metrics.',
  ],
  ...[
    'services/promoter git',
    'services/promoter/src/git/worker-pool.',
    'cli/src real',
    'unit',
    'services/argo-watcher real',
    'scripts real',
  ],
];

/** The real tests of these take minutes: those of each need have a process of their own. */
const split = ['services/promoter'];

/** Which files share a process, which takes a second to start: those of the same folder and need. */
function nameOf(file: string, tier: Tier): string {
  const [top = '', second = ''] = file.split('/');
  if (alone.includes(file)) return file;
  const shared = sharing.find((files) => files.includes(file));
  if (shared) return shared.join(', ');
  if (tier === 'unit') return top === 'services' ? 'unit services' : 'unit libs';
  if (file.startsWith('test/src/deploy/')) return 'test/src/deploy';
  const folder = top === 'scripts' ? top : `${top}/${second}`;
  return `${folder} ${tier === 'real' && split.includes(folder) ? suffixOf(file) : tier}`;
}

const rank = (run: Run): number => {
  const at = longest.findIndex((prefix) => run.name.startsWith(prefix));
  return at === -1 ? longest.length : at;
};

/** By name, but those that share a system in the order of theirs. */
function inOrder(files: readonly string[]): string[] {
  const shared = sharing.flat().filter((file) => files.includes(file));
  return [...shared, ...files.filter((file) => !shared.includes(file)).sort()];
}

/** The runs in the order in which they start. */
export function planRuns(files: readonly string[], wanted: readonly Tier[]): Run[] {
  const runs = new Map<string, string[]>();
  for (const tier of [...tiers].reverse()) {
    if (!wanted.includes(tier)) continue;
    for (const file of inOrder(files.filter((each) => tierOf(each) === tier))) {
      const name = nameOf(file, tier);
      runs.set(name, [...(runs.get(name) ?? []), file]);
    }
  }
  return [...runs].map(([name, list]) => ({ name, files: list })).sort((a, b) => rank(a) - rank(b));
}
