/** Where a person sees a commit, by the host of the repository: `{path}` and `{commit}` are filled in. */
const wellKnown: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)github\./, 'https://{host}/{path}/commit/{commit}'],
  [/(^|\.)gitlab\./, 'https://{host}/{path}/-/commit/{commit}'],
  [/(^|\.)bitbucket\.org$/, 'https://{host}/{path}/commits/{commit}'],
  [/(^|\.)(gitea|forgejo)\.|^codeberg\.org$/, 'https://{host}/{path}/commit/{commit}'],
];

export interface Links {
  /** The page of a commit; undefined if nobody has said where it is. */
  commit(repository: string, commit: string): string | undefined;
  /** Argo CD's page of an Application; undefined if its address is not configured. */
  application(instance: string | undefined, namespace: string, name: string): string | undefined;
}

export function createLinks(argo: ReadonlyMap<string, string>, commits: ReadonlyMap<string, string>): Links {
  return {
    commit(repository, commit) {
      const at = hostAndPath(repository);
      if (!at || !/^[0-9a-f]{7,64}$/.test(commit)) return undefined;
      const template = commits.get(at.host) ?? wellKnown.find(([host]) => host.test(at.host))?.[1];
      return template
        ?.replaceAll('{host}', at.host)
        .replaceAll('{path}', at.path.split('/').map(encodeURIComponent).join('/'))
        .replaceAll('{commit}', commit);
    },
    application(instance, namespace, name) {
      const base = argo.get(instance ?? 'default');
      if (!base) return undefined;
      return `${base.replace(/\/+$/, '')}/applications/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
    },
  };
}

/** Of `https://host/path.git`, `ssh://git@host:22/path` and `git@host:path`. */
function hostAndPath(repository: string): { host: string; path: string } | undefined {
  const scp = /^[\w.-]+@([\w.-]+):(?!\/\/)(.+)$/.exec(repository);
  const url = !scp && URL.canParse(repository) ? new URL(repository) : undefined;
  const host = scp?.[1] ?? url?.hostname;
  const path = (scp?.[2] ?? url?.pathname ?? '').replace(/^\/+|\/+$|\.git\/?$/g, '');
  return host && path ? { host: host.toLowerCase(), path } : undefined;
}
