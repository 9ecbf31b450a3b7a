import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type types from '@balena/dockerignore';
import { type Copy, DockerfileParser, type From, type Instruction, type JSONInstruction } from 'dockerfile-ast';

/** Its types say that it has a default export, and it has none. */
const ignore: typeof types.default = createRequire(import.meta.url)('@balena/dockerignore');

const repository = fileURLToPath(new URL('../../..', import.meta.url));

export interface Build {
  /** Where the image's root came to be. */
  readonly root: string;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly user: string | undefined;
}

export interface BuildOptions {
  readonly directory: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** What the commands find in their environment beside what the Dockerfile says. */
  readonly environment: Readonly<Record<string, string>>;
  /** What to run for this command of the Dockerfile: mostly itself; undefined for nothing. */
  readonly run: (command: string) => string | undefined;
  /** Called after a command has run, with the directory it ran in. */
  readonly onRun?: (command: string, directory: string) => void;
}

/**
 * Builds what the Dockerfile says without a container: each stage is a directory, in which the stage's own commands
 * run. What the base images bring is what this machine has.
 */
export function build(options: BuildOptions): Build {
  const instructions = DockerfileParser.parse(readFileSync(join(repository, 'Dockerfile'), 'utf8')).getInstructions();
  let stage: Stage | undefined;
  const stages = new Map<string, Stage>();
  for (const instruction of instructions) {
    if (instruction.getKeyword() === 'FROM') {
      stage = new Stage(join(options.directory, String(stages.size)), options, stages);
      stages.set((instruction as From).getBuildStage() ?? String(stages.size), stage);
    } else stage?.follow(instruction);
  }
  if (!stage) throw new Error('the Dockerfile has no stage');
  return stage;
}

class Stage implements Build {
  readonly root: string;
  environment: Record<string, string> = {};
  command: string[] = [];
  user: string | undefined;
  #workdir = '/';
  readonly #options: BuildOptions;
  readonly #stages: ReadonlyMap<string, Stage>;

  constructor(root: string, options: BuildOptions, stages: ReadonlyMap<string, Stage>) {
    this.root = root;
    this.#options = options;
    this.#stages = stages;
    mkdirSync(root, { recursive: true });
  }

  get workingDirectory(): string {
    return join(this.root, this.#workdir);
  }

  follow(instruction: Instruction): void {
    const text = instruction.getRawArgumentsContent() ?? '';
    switch (instruction.getKeyword()) {
      case 'WORKDIR':
        this.#workdir = resolve(this.#workdir, text);
        mkdirSync(this.workingDirectory, { recursive: true });
        return;
      case 'ARG':
        this.environment[text] = this.#options.arguments[text] ?? '';
        return;
      case 'ENV': {
        const [name = '', value = ''] = text.split(/=(.*)/s);
        this.environment[name] = value
          .replace('$PATH', process.env['PATH'] ?? '')
          .replace('/app/', `${this.workingDirectory}/`);
        return;
      }
      case 'USER':
        this.user = text;
        return;
      case 'CMD':
        this.command = (instruction as JSONInstruction).getJSONStrings().map((each) => JSON.parse(each.getValue()));
        return;
      case 'COPY':
        this.#copy(instruction as Copy);
        return;
      case 'RUN':
        this.#run(text.replaceAll(/\\\n/g, ' '));
        return;
      default:
        throw new Error(`the Dockerfile says ${instruction.getKeyword()}, which is not known here`);
    }
  }

  #copy(copy: Copy): void {
    const from = copy.getFromFlag()?.getValue();
    const [source = '', target = ''] = copy.getArguments().map((argument) => argument.getValue());
    const to = resolve(this.workingDirectory, target);
    if (from) {
      const stage = this.#stages.get(from);
      if (!stage) throw new Error(`there is no stage ${from}`);
      copyTree(join(stage.root, source), to);
    } else {
      for (const file of contextFiles()) cpSync(join(repository, file), join(to, file));
    }
  }

  #run(command: string): void {
    const instead = this.#options.run(command);
    if (instead === undefined) return;
    const env = { PATH: process.env['PATH'], ...this.#options.environment, ...this.environment };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', instead], {
      cwd: this.workingDirectory,
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${command}\nended with ${status}:\n${stdout}\n${stderr}`);
    this.#options.onRun?.(command, this.workingDirectory);
  }
}

/** Copies what is in the directory. Links suffice, because no stage changes a file in place that it has copied. */
function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync('cp', ['-al', `${from}/.`, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cp ${from} ${to} ended with ${status}: ${stderr}`);
}

/** What of the repository docker would send to its builder. */
function contextFiles(): string[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = spawnSync('git', list, { cwd: repository, encoding: 'utf8' }).stdout.split('\0');
  const rules = ignore().add(readFileSync(join(repository, '.dockerignore'), 'utf8'));
  return rules.filter(files.filter((file) => file !== '' && existsSync(join(repository, file))));
}
