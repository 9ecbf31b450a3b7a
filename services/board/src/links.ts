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
      const template = commits.get(at.name) ?? wellKnown.find(([host]) => host.test(at.name))?.[1];
      const filled: Readonly<Record<string, string>> = { ...at, commit };
      return template?.replaceAll(/\{(host|path|commit)\}/g, (_all, key: string) => filled[key] ?? '');
    },
    application(instance, namespace, name) {
      const base = argo.get(instance ?? 'default');
      if (!base) return undefined;
      return `${base.replace(/\/+$/, '')}/applications/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
    },
  };
}

/**
 * Of `https://host:3000/path.git`, `ssh://git@host:22/path` and `git@host:path`. The port is part of the `host` only where it is
 * one of the web.
 */
function hostAndPath(repository: string): { name: string; host: string; path: string } | undefined {
  const text = repository.replace(/^([\w.-]+@[\w.-]+):(?!\/\/)/, 'ssh://$1/');
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, host, pathname } = new URL(text);
  const path = pathname.replace(/^\/+|\/+$|\.git\/?$/g, '');
  const name = hostname.toLowerCase();
  return name && path ? { name, path, host: /^https?:$/.test(protocol) ? host : name } : undefined;
}
