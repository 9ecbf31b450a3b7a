import { type DataOf, formatImage, type gitRelation } from '@k8sta/contracts';
import type { z } from 'zod';
import type { Input } from './event.js';
import type { RelationQuestion } from './questions.js';

type Request = DataOf<'promotion.requested'>;

interface Commit {
  readonly id: string;
  /** By `application repository`: the tag that the file names. */
  readonly files: Readonly<Record<string, string>>;
  readonly ours: boolean;
}

const urlOf = (name: string) => `https://git.test/acme/${name}.git`;
const first = '0.1.0';

/** Git repositories, one for each Application, and what the promoter does with them. */
export class GitModel {
  readonly #repositories = new Map<string, Commit[]>();
  #commits = 0;

  sourcesOf(name: string) {
    return [{ repository: urlOf(name), targetRevision: 'main', path: `apps/${name}` }];
  }

  /** The tip of the branch, or a commit before it. */
  revision(name: string, back = 0): string {
    const commits = this.#history(urlOf(name));
    return (commits[commits.length - 1 - back] ?? (commits[0] as Commit)).id;
  }

  named(name: string, repository: string): string {
    return this.#history(urlOf(name)).at(-1)?.files[`${name} ${repository}`] ?? first;
  }

  /** A person, or K8sTA, makes the file of the Application name the tag. */
  change(name: string, repository: string, tag: string, ours: boolean): string {
    const commits = this.#history(urlOf(name));
    this.#commits += 1;
    const id = this.#commits.toString(16).padStart(40, '0');
    commits.push({ id, files: { ...commits.at(-1)?.files, [`${name} ${repository}`]: tag }, ours });
    return id;
  }

  commit(request: Request, now: Date): Input {
    const { promotion, part, ticket, track, station, repository: url, kind } = request;
    const head = { promotion, part, ticket, track, station };
    const named = (each: Request['applications'][number]) =>
      formatImage({ repository: each.image.repository, tag: this.named(each.name, each.image.repository) });
    const changed = request.applications.find(
      (each) => ![each.replaces, formatImage(each.image)].includes(named(each)),
    );
    if (kind === 'rollback' && changed) return this.refusal(request, 'ChangedByOther', now);
    let commit: string | undefined;
    const applications = request.applications.map((each) => {
      const { namespace, name, image } = each;
      const [before, after] = [named(each), formatImage(image)];
      const outcome = before === after ? ('unchanged' as const) : ('edited' as const);
      if (outcome === 'edited') commit = this.change(name, image.repository, image.tag, true);
      return { namespace, name, file: `apps/${name}/kustomization.yaml`, outcome, before, after };
    });
    const revision = commit ?? this.revision(request.applications[0]?.name ?? '');
    const about = { repository: url, branch: 'refs/heads/main', revision, ...(commit && { commit }), applications };
    return { type: 'committed', data: { ...head, ...about, committedAt: now.toISOString() } };
  }

  refusal(request: Request, reason: DataOf<'promotion.failed'>['reason'], now: Date): Input {
    const { promotion, part, ticket, track, station, issue } = request;
    const about = { promotion, part, ticket, track, station, issue, reason, message: 'no' };
    return { type: 'failed', data: { ...about, failedAt: now.toISOString() } };
  }

  relation({ repository: url, commit, revision, file, image }: RelationQuestion['request']): {
    revision: string;
    answer: z.infer<typeof gitRelation.reply>;
  } {
    const commits = this.#history(url);
    const at = revision === undefined ? commits.length - 1 : commits.findIndex(({ id }) => id === revision);
    const ours = commits.findIndex(({ id }) => id === commit);
    const place = `${file?.split('/')[1]} ${image.repository}`;
    const tag = commits[at]?.files[place] ?? first;
    const relation = at === ours ? 'same' : at > ours ? 'contains' : 'behind';
    const isSame = tag === image.tag;
    const changer = commits.findLast(
      (each, index) => index > ours && each.files[place] !== commits[index - 1]?.files[place],
    );
    const by = changer && { changedBy: { commit: changer.id, author: 'Ann', ours: changer.ours } };
    return {
      revision: commits[at]?.id ?? '',
      answer: {
        relation,
        namesImage: isSame,
        ...(!isSame && { named: `${image.repository}:${tag}`, ...(revision ? {} : by) }),
      },
    };
  }

  #history(url: string): Commit[] {
    const known = this.#repositories.get(url);
    if (known) return known;
    this.#commits += 1;
    const commits = [{ id: this.#commits.toString(16).padStart(40, '0'), files: {}, ours: false }];
    this.#repositories.set(url, commits);
    return commits;
  }
}
