import type { Project } from './model.js';

/** Protected branches refuse pushes in the words of the forge. Its own merges run no hooks. */
export async function protectBranches({ rules, repository }: Project, refusal: string): Promise<void> {
  const refuse = rules.protectedBranches.map(
    (branch) => `    refs/heads/${branch}) echo ${quote(refusal)} >&2; exit 1;;`,
  );
  const script = ['while read -r old new ref; do', '  case "$ref" in', ...refuse, '  esac', 'done', 'exit 0'].join(
    '\n',
  );
  await repository.setHook('pre-receive', refuse.length > 0 ? script : undefined);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
