/** `unit` needs no server, `real` needs servers of its own, `flow` needs all of K8sTA, or builds and measures it. */
export const tiers = ['unit', 'real', 'flow'] as const;

export type Tier = (typeof tiers)[number];

/** Test files that one mocha process runs, one after the other. */
export interface Run {
  readonly name: string;
  readonly files: readonly string[];
}

/** The suffix of a test file names what it needs: `bus.nats.test.ts`. This one names a kind of test. */
const golden = 'golden';

export function tierOf(file: string): Tier {
  if (/^(test|demo|bench)\//.test(file)) return 'flow';
  if (file.startsWith('scripts/')) return 'real';
  const [, suffix] = /\.(\w+)\.test\.ts$/.exec(file) ?? [];
  return suffix === undefined || suffix === golden ? 'unit' : 'real';
}

/** The files that take longest start first, so that no core is idle at the end. A name that is missing here costs time only. */
const longest = [
  ...['test/src/kill.', 'services/promoter/', 'test/src/random-kill.', 'test/src/scenario.'],
  ...['test/src/deploy/image.', 'test/src/stores.', 'demo/'],
];

/** These share a railway (test/src/shared-system.ts), and so a process. */
const sharing = ['checks', 'dead-letter', 'git-refusal'].map((name) => `test/src/${name}.test.ts`);

/** Which files share a process: those of the same folder and need; a long one, and one over all of K8sTA, has its own. */
function nameOf(file: string, tier: Tier): string {
  const [top = '', second = ''] = file.split('/');
  if (tier === 'unit') return top === 'services' ? 'unit services' : 'unit libs';
  if (sharing.includes(file)) return 'test/src on one railway';
  if (tier === 'flow' && !file.startsWith('test/src/deploy/')) return file;
  if (longest.some((prefix) => file.startsWith(prefix))) return file;
  return top === 'test' ? 'test/src/deploy' : `${top === 'scripts' ? top : `${top}/${second}`} ${tier}`;
}

const rank = (run: Run): number => {
  const at = longest.findIndex((prefix) => run.files[0]?.startsWith(prefix));
  return at === -1 ? longest.length : at;
};

/** The runs in the order in which they start. */
export function planRuns(files: readonly string[], wanted: readonly Tier[]): Run[] {
  const runs = new Map<string, string[]>();
  for (const tier of [...tiers].reverse()) {
    if (!wanted.includes(tier)) continue;
    for (const file of files.filter((each) => tierOf(each) === tier).sort()) {
      const name = nameOf(file, tier);
      runs.set(name, [...(runs.get(name) ?? []), file]);
    }
  }
  return [...runs].map(([name, list]) => ({ name, files: list })).sort((a, b) => rank(a) - rank(b));
}
