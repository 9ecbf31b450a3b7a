import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { apiSubject, apiVerbs, deadReason, stateBucket, streams } from '@k8sta/contracts';
import { temporaryDirectory } from '@k8sta/sandbox';
import { loadTracks, tracksJsonSchema } from '@k8sta/tracks';
import { Command } from 'commander';
import { parse } from 'yaml';
import { operatingCommands } from '../cli/src/operate/commands/index.js';
import { createProgram } from '../cli/src/program.js';
import { outcomes } from '../services/ingest/src/outcome.js';
import { loadRules } from '../services/notifier/src/rules/load.js';
import { parseRules } from '../services/notifier/src/rules/parse.js';

const root = fileURLToPath(new URL('..', import.meta.url));

async function documents(): Promise<string[]> {
  const inRoot = (await readdir(root)).filter((name) => name.endsWith('.md'));
  const inDocs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
  return [...inRoot, ...inDocs.map((name) => join('docs', name))];
}

/** The lines of the document's `sh` blocks, without comments. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** The names under which GitHub links to the headings. */
function sectionsOf(text: string): string[] {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return headings.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Commands that another test runs, or that need a program that the set-up does not install. */
const shownElsewhere = [
  // The entry commands, which CI runs, and what they are made of.
  /^npm (test|run (demo|setup|typecheck|format|test:(unit|real|flow)))$/,
  // The command is that of the README, and a test below loads the file.
  /^npm run -s k8sta -- tracks check docs\/examples\/every-key\.yaml$/,
  // demo/src/demo.test.ts
  /^npm run demo -- /,
  // bench/src/watcher/bench.test.ts, with fewer Applications
  /^npm run bench /,
  // test/src/chaos.test.ts, with fewer Tickets and kills
  /^npm run -s chaos /,
  // cli/src/plan/document.git.test.ts
  /^npm run -s k8sta -- (plan|tracks suggest) /,
  // Writes into the tree under test; other tests compare the files that it writes.
  /^npm run generate$/,
  // These need a cluster; the suite runs on the stand-in.
  /^kind /,
  /^kubectl /,
  /npm run test:kube$/,
  // These need a running K8sTA, which cli/src/operate/operate.redis.test.ts starts; a test below parses them.
  /^k8sta /,
  // The NATS CLI; a test below compares its subjects with the catalogue.
  /^nats /,
];

/** Its commands create and delete clusters: .github/workflows runs them, and test/src/deploy/install.test.ts reads them. */
const walkedOnKind = 'docs/install.md';

/** Whether a subject exists that matches both. */
function overlaps(filter: string, subject: string): boolean {
  const [own, other] = [filter.split('.'), subject.split('.')];
  for (let at = 0; at < Math.min(own.length, other.length); at++) {
    if (own[at] === '>' || other[at] === '>') return true;
    if (own[at] !== '*' && other[at] !== '*' && own[at] !== other[at]) return false;
  }
  return own.length === other.length;
}

/** The keys of a JSON Schema, at any depth. */
function keysOf(schema: object): string[] {
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null) return [];
    return [...(key === 'properties' ? Object.keys(value) : []), ...keysOf(value)];
  });
}

/** What the command line says of these words; empty if it understands them. Runs nothing. */
async function faultsOf(words: readonly string[]): Promise<string> {
  let faults = '';
  const program = createProgram();
  const quieten = (command: Command): void => {
    command.exitOverride().configureOutput({
      writeErr: (text) => {
        faults += text;
      },
    });
    if (command.commands.length === 0 || command.name() === 'tracks') command.action(() => {});
    for (const each of command.commands) quieten(each);
  };
  quieten(program);
  await program.parseAsync([...words], { from: 'user' }).catch((error: Error) => {
    faults ||= error.message;
  });
  return faults;
}

describe('a document', () => {
  it('says what to do about every answer of ingest, by its status, and about every dead letter', async () => {
    const operations = await readFile(join(root, 'docs/operations.md'), 'utf8');
    for (const [outcome, { status }] of Object.entries(outcomes)) {
      assert.match(operations, new RegExp(`^\\| ${status} \\| [^|]*\`${outcome}\``, 'm'));
    }
    for (const reason of deadReason.options) {
      assert.match(operations, new RegExp(`^\\| \`k8sta\\.dead\\.\\S+\\.${reason}\` \\|`, 'm'));
    }
  });

  it('links to and names only files and directories that exist', async () => {
    for (const document of await documents()) {
      const text = await readFile(join(root, document), 'utf8');
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) =>
        join(dirname(document), link),
      );
      const named = [
        ...text.matchAll(/`((?:bench|chaos|cli|demo|deploy|docs|libs|scripts|services|test)\/[\w./-]+)`/g),
      ].map(([, path = '']) => path);
      for (const path of [...links, ...named]) assert.ok(existsSync(join(root, path)), `${document} names ${path}`);
    }
  });

  it('links only to sections that exist', async () => {
    for (const document of await documents()) {
      const text = await readFile(join(root, document), 'utf8');
      for (const [, path = '', section = ''] of text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)) {
        const target = path === '' ? document : join(dirname(document), path);
        const sections = sectionsOf(await readFile(join(root, target), 'utf8'));
        assert.ok(sections.includes(section), `${document}: ${target} has no section "${section}"`);
      }
    }
  });

  it('quotes only titles that the named test has', async () => {
    const quoted: string[] = [];
    for (const document of await documents()) {
      const text = await readFile(join(root, document), 'utf8');
      for (const [, path = '', titles = ''] of text.matchAll(/`([\w./-]+\.test\.ts)` \(("[^)]+")\)/g)) {
        const test = await readFile(join(root, path), 'utf8');
        for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) {
          assert.ok(test.includes(`'${title}'`), `${document}: ${path} has no "${title}"`);
          quoted.push(title);
        }
      }
    }
    assert.ok(quoted.length > 0);
  });

  it('links to tests under titles that they have', async () => {
    const text = await readFile(join(root, 'ARCHITECTURE.md'), 'utf8');
    const links = [...text.matchAll(/\[([^\]]+)\]\(([\w./-]+\.test\.ts)\)/g)];
    assert.ok(links.length > 0);
    for (const [, title = '', path = ''] of links) {
      const test = await readFile(join(root, path), 'utf8');
      assert.ok(test.includes(`'${title}`), `${path} has no "${title}"`);
    }
  });

  it('shows only npm commands that package.json has', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    for (const document of await documents()) {
      const text = await readFile(join(root, document), 'utf8');
      for (const [, name = ''] of text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g))
        assert.ok(scripts[name], `${document}: ${name}`);
    }
  });

  it('shows only commands that work', async function () {
    this.timeout(300_000);
    const ran: string[] = [];
    for (const document of await documents()) {
      if (document === walkedOnKind) continue;
      for (const command of commandsOf(await readFile(join(root, document), 'utf8'))) {
        if (shownElsewhere.some((pattern) => pattern.test(command))) continue;
        // The tests that it names run anyway: here they are only found and loaded.
        const run = command.replace(/^npx mocha /, 'npx mocha --dry-run ');
        await promisify(execFile)('bash', ['-c', run], { cwd: root }).catch((error: Error) => {
          assert.fail(`${document}: ${command}\n${error.message}`);
        });
        ran.push(command);
      }
    }
    assert.ok(ran.length >= 2, `${ran}`);
  });

  it('names only streams and subjects that exist', async () => {
    const api = apiVerbs.map((verb) => apiSubject('*', verb));
    const filters = [...streams.flatMap(({ name, subjects }) => [name, ...subjects]), ...api];
    for (const document of await documents()) {
      const commands = commandsOf(await readFile(join(root, document), 'utf8')).filter((line) => /^nats /.test(line));
      for (const command of commands) {
        const named = [...command.matchAll(/\b(K8STA\w*)|(k8sta\.[\w.*>-]+)/g)].map(([word]) => word);
        for (const word of named) {
          const known = word === stateBucket || filters.some((filter) => overlaps(filter, word));
          assert.ok(known, `${document}: ${command} names ${word}`);
        }
      }
    }
  });

  it('shows only commands and flags of k8sta that exist, and every command that speaks to a running K8sTA', async () => {
    const shown = new Set<string>();
    for (const document of await documents()) {
      const commands = commandsOf(await readFile(join(root, document), 'utf8'));
      for (const command of commands.filter((line) => /^k8sta /.test(line))) {
        const words = [...command.replace(/ > .*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
          ([, quoted, word]) => quoted ?? word ?? '',
        );
        const faults = await faultsOf(words.slice(1));
        assert.equal(faults, '', `${document}: ${command}`);
        shown.add(words[1] ?? '');
      }
    }
    const operating = new Command();
    for (const add of operatingCommands) add(operating);
    for (const command of operating.commands)
      assert.ok(shown.has(command.name()), `no document shows ${command.name()}`);
  });

  it('shows a tracks file that loads, in the README', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const [, yaml = ''] = /```yaml\n(# yaml-language-server[\s\S]*?)```/.exec(readme) ?? [];
    const example = await readFile(join(root, 'docs/examples/tracks.yaml'), 'utf8');
    assert.equal(example.replace('$schema=../../', '$schema=./'), yaml, 'docs/examples/tracks.yaml is the same');
    const directory = await temporaryDirectory('readme');
    await writeFile(join(directory.path, 'tracks.yaml'), yaml);
    const [track] = await loadTracks([directory.path]);
    await directory.remove();
    assert.deepEqual(
      track?.stations.map(({ name }) => name),
      ['dev', 'stage', 'prod'],
    );
  });

  it('shows a tracks file that loads and has every key, in docs/tracks.md', async () => {
    const page = await readFile(join(root, 'docs/tracks.md'), 'utf8');
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const example = join(root, 'docs/examples/every-key.yaml');
    assert.equal(await readFile(example, 'utf8'), yaml, 'docs/examples/every-key.yaml is the same');
    await loadTracks([example]);
    const keys = keysOf(tracksJsonSchema());
    assert.ok(keys.includes('timeZone'));
    for (const key of keys) assert.match(yaml, new RegExp(`\\b${key}:`), `the example has no ${key}`);
  });

  it('shows rules and receivers of notifications that load', async () => {
    const example = await loadRules(join(root, 'docs/examples/notifications.yaml'), { isInsecureAllowed: false });
    const text = await readFile(join(root, 'docs/notifications.md'), 'utf8');
    const blocks = [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, yaml = '']) => parse(yaml));
    const receivers = blocks.filter(Array.isArray).flat();
    const kinds = receivers.flatMap((each) => Object.keys(each).filter((key) => key !== 'name'));
    assert.deepEqual([...new Set(kinds)].sort(), ['discord', 'email', 'slack', 'teams', 'webhook']);
    const rules = blocks.flatMap((block) => block.rules ?? []);
    assert.ok(rules.length >= 2);
    const parsed = parseRules('shown', JSON.stringify({ receivers, rules }), { isInsecureAllowed: false });
    assert.deepEqual('faults' in parsed ? parsed.faults : [], []);
    assert.deepEqual(
      new Set(example.receivers.map(({ kind }) => kind)),
      new Set(['slack', 'teams', 'discord', 'webhook', 'email']),
    );
  });
});
