import type { Project } from './model.js';

/**
 * Installs what makes the Git server behave as one of a forge: protected branches refuse pushes in the words of the forge,
 * and the forge hears of a push before the client has its answer.
 */
export async function installHooks(project: Project, { refusal, pushed }: { refusal: string; pushed: string }) {
  const { protectedBranches } = project.rules;
  const refuse = protectedBranches.map((branch) => `    refs/heads/${branch}) echo ${quote(refusal)} >&2; exit 1;;`);
  const guard = ['while read -r old new ref; do', '  case "$ref" in', ...refuse, '  esac', 'done', 'exit 0'].join('\n');
  await project.repository.setHook('pre-receive', refuse.length > 0 ? guard : undefined);
  const notify = `fetch(${JSON.stringify(pushed)}, { method: 'POST' }).catch(() => {})`;
  await project.repository.setHook('post-receive', `${quote(process.execPath)} -e ${quote(notify)}\nexit 0`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
