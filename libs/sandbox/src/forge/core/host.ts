import { tipOf } from '../../git/refs.js';
import { type Assessment, assess } from './assess.js';
import { deleteBranch, keepHead, moveBranch } from './branches.js';
import { commitsOf, type HeadCommit, isAncestor, isCommit, mergeBase, testMerge } from './git-merge.js';
import { type Landing, makeCommits } from './landing.js';
import type { Deployment, ForgeEvent, Project, Pull, Report } from './model.js';

export interface NewPull {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly isDraft: boolean;
  readonly author: string;
}

export type Opened =
  | { readonly is: 'opened'; readonly pull: Pull }
  | { readonly is: 'exists'; readonly pull: Pull }
  | { readonly is: 'noHead' | 'noBase' | 'noCommits' };

export interface HostOptions {
  readonly emit: (event: ForgeEvent) => void;
  /** Where the forge keeps the head of a pull request. */
  readonly headRef: (number: number) => string;
  /** Whether commits that reach the base by a push make a pull request merged. */
  readonly noticesPushedMerges: boolean;
  /** Whether it closes a pull request whose head is reset to what the base has. */
  readonly closesEmpty: boolean;
  /** Who pushed, if nothing says who. */
  readonly bot: string;
}

/** What all three forges do, under different names. It reads the branches from the bare repositories each time. */
export class Host {
  readonly projects = new Map<string, Project>();
  readonly #options: HostOptions;
  readonly #turns = new Map<Project, Promise<unknown>>();
  /** The tips at the last look at a pull request, and those for which it is known whether it can be merged. */
  readonly #followed = new WeakMap<Pull, { readonly base: string | undefined; readonly commit: string | undefined }>();
  readonly #assessed = new WeakMap<Pull, string>();
  #ids = 1_000;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  nextId(): number {
    return ++this.#ids;
  }

  get time(): string {
    return new Date().toISOString();
  }

  /** One at a time for each repository, with the pull requests as the branches are now. */
  async inTurn<T>(project: Project, work: () => Promise<T>, by = this.#options.bot): Promise<T> {
    const before = this.#turns.get(project) ?? Promise.resolve();
    const turn = before.then(async () => {
      await this.#followBranches(project, by);
      return work();
    });
    this.#turns.set(
      project,
      turn.catch(() => {}),
    );
    return turn;
  }

  /** Looks at the branches after a push. */
  follow(project: Project, by?: string): Promise<void> {
    return this.inTurn(project, async () => {}, by);
  }

  async open(project: Project, wish: NewPull): Promise<Opened> {
    const { directory } = project.repository;
    const [commit, base] = [await tipOf(directory, wish.head), await tipOf(directory, wish.base)];
    if (!base) return { is: 'noBase' };
    if (!commit) return { is: 'noHead' };
    const twin = project.pulls.find(
      ({ head, base, state }) => head === wish.head && base === wish.base && state === 'open',
    );
    if (twin) return { is: 'exists', pull: twin };
    if (await isAncestor(directory, commit, base)) return { is: 'noCommits' };
    const pull: Pull = {
      ...{ id: this.nextId(), number: project.pulls.length + 1, ...wish, commit, state: 'open' },
      ...{ labels: [], reviewers: [], teams: [], approvals: [], comments: [] },
      ...{ createdAt: this.time, updatedAt: this.time },
    };
    project.pulls.push(pull);
    this.#followed.set(pull, { base, commit });
    await keepHead(directory, this.#options.headRef(pull.number), commit);
    this.#emit({ is: 'pull', action: 'opened', project, pull, by: wish.author });
    return { is: 'opened', pull };
  }

  /** The commit at which the head left its base. */
  async mergeBase({ repository }: Project, pull: Pull): Promise<string> {
    const base = await tipOf(repository.directory, pull.base);
    return (base && (await mergeBase(repository.directory, base, pull.commit))) ?? '';
  }

  assess(project: Project, pull: Pull): Promise<Assessment> {
    return assess(project, pull);
  }

  /** Like a real forge, answers "not known yet" the first time after the head or the base moved. */
  async assessLate(project: Project, pull: Pull): Promise<Assessment | undefined> {
    const found = await assess(project, pull);
    const ends = `${found.base} ${found.head}`;
    const isKnown = this.#assessed.get(pull) === ends;
    this.#assessed.set(pull, ends);
    return isKnown ? found : undefined;
  }

  /** `conflict`: the two cannot be merged in this way. `moved`: somebody pushed to the base at the same time. */
  async land(
    project: Project,
    pull: Pull,
    { landing, by, deletesBranch }: { landing: Landing; by: string; deletesBranch: boolean },
  ): Promise<'merged' | 'conflict' | 'moved'> {
    const { directory } = project.repository;
    const base = (await tipOf(directory, pull.base)) ?? '';
    const landed = await makeCommits(directory, { base, head: pull.commit }, landing);
    if (!landed) return 'conflict';
    if (!(await moveBranch(directory, pull.base, landed.commit, base))) return 'moved';
    this.#touch(pull, { state: 'merged', merged: { ...landed, by, at: this.time } });
    if (deletesBranch) await deleteBranch(directory, pull.head);
    this.#emit({ is: 'pull', action: 'merged', project, pull, by });
    return 'merged';
  }

  close(project: Project, pull: Pull, by: string): void {
    if (pull.state !== 'open') return;
    this.#touch(pull, { state: 'closed', closed: { by, at: this.time } });
    this.#emit({ is: 'pull', action: 'closed', project, pull, by });
  }

  comment(pull: Pull, by: string, body: string) {
    const comment = { id: this.nextId(), by, body, at: this.time };
    pull.comments.push(comment);
    this.#touch(pull, {});
    return comment;
  }

  approve(project: Project, pull: Pull, by: string): void {
    pull.approvals.push({ id: this.nextId(), by, commit: pull.commit, at: this.time });
    this.#touch(pull, {});
    this.#emit({ is: 'pull', action: 'approved', project, pull, by });
  }

  report(project: Project, report: Omit<Report, 'id' | 'at'>): Report {
    const made: Report = { id: this.nextId(), at: this.time, ...report };
    project.reports.push(made);
    this.#emit({ is: 'report', project, report: made, by: made.by });
    return made;
  }

  deploy(project: Project, deployment: Pick<Deployment, 'commit' | 'environment' | 'description' | 'by'>): Deployment {
    const made: Deployment = { id: this.nextId(), at: this.time, statuses: [], ...deployment };
    project.deployments.push(made);
    return made;
  }

  /** The commits of the head that its base does not have. */
  async commits({ repository }: Project, pull: Pull): Promise<readonly HeadCommit[]> {
    const base = await tipOf(repository.directory, pull.base);
    return base ? commitsOf(repository.directory, base, pull.commit) : [];
  }

  /** The merge that GitHub makes to find out whether it can merge; it is on no branch. */
  testMerge({ repository }: Project, { base, head }: Assessment): Promise<string | undefined> {
    return testMerge(repository.directory, base, head);
  }

  hasCommit(project: Project, commit: string): Promise<boolean> {
    return isCommit(project.repository.directory, commit);
  }

  /** The commit that is given, or the tip of the branch. */
  async resolve(project: Project, ref: string): Promise<string | undefined> {
    return (await this.hasCommit(project, ref)) ? ref : this.tip(project, ref);
  }

  tip(project: Project, branch: string): Promise<string | undefined> {
    return tipOf(project.repository.directory, branch);
  }

  async deleteBranch(project: Project, branch: string, by: string): Promise<void> {
    await deleteBranch(project.repository.directory, branch);
    await this.#followBranches(project, by);
  }

  async #followBranches(project: Project, by: string): Promise<void> {
    const open = project.pulls.filter(({ state }) => state === 'open');
    for (const pull of open) await this.#follow(project, pull, by);
  }

  /** The head follows its branch; without the branch the forge closes the pull request. */
  async #follow(project: Project, pull: Pull, by: string): Promise<void> {
    const { directory } = project.repository;
    const [commit, base] = await Promise.all([tipOf(directory, pull.head), tipOf(directory, pull.base)]);
    const before = this.#followed.get(pull);
    if (before?.base === base && before?.commit === commit) return;
    const { noticesPushedMerges, closesEmpty, headRef } = this.#options;
    const head = commit ?? pull.commit;
    const isIn = async (base: string | undefined) => base !== undefined && (await isAncestor(directory, head, base));
    const isInBase = noticesPushedMerges && (await isIn(base));
    // If the base had the head before, nobody merged: the branch was reset.
    if (isInBase && !(await isIn(before?.base))) {
      this.#touch(pull, { state: 'merged', commit: head, merged: { commit: head, by, at: this.time } });
      this.#emit({ is: 'pull', action: 'merged', project, pull, by });
    } else if (!commit || (isInBase && closesEmpty)) this.close(project, pull, by);
    else if (commit !== pull.commit) {
      this.#touch(pull, { commit });
      await keepHead(directory, headRef(pull.number), commit);
      this.#emit({ is: 'pull', action: 'synchronized', project, pull, by });
    }
    this.#followed.set(pull, { base, commit });
  }

  #touch(pull: Pull, change: Partial<Pull>): void {
    Object.assign(pull, change, { updatedAt: this.time });
  }

  #emit(event: ForgeEvent): void {
    this.#options.emit(event);
  }
}
