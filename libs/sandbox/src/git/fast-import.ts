import { git } from './command.js';

export interface Author {
  name: string;
  email: string;
}

export interface ImportedCommit {
  branch: string;
  parent: string | undefined;
  files: Record<string, string | null>;
  message: string;
  author: Author;
}

/**
 * Writes one commit without a checkout, in one process for any number of files. Updates the branch only if that is a
 * fast-forward. Returns the SHA. Format: https://git-scm.com/docs/git-fast-import
 */
export async function fastImport(directory: string, commit: ImportedCommit): Promise<string> {
  const { name, email } = commit.author;
  const when = `${Math.floor(Date.now() / 1000)} +0000`;
  const input = [
    `commit refs/heads/${commit.branch}\nmark :1\n`,
    `author ${name} <${email}> ${when}\ncommitter ${name} <${email}> ${when}\n`,
    data(commit.message.endsWith('\n') ? commit.message : `${commit.message}\n`),
    commit.parent ? `from ${commit.parent}\n` : '',
    ...Object.entries(commit.files).map(([path, text]) => change(path, text)),
    '\nget-mark :1\ndone\n',
  ];
  return (await git(['fast-import', '--quiet', '--done'], { directory, input: input.join('') })).trim();
}

function change(path: string, text: string | null): string {
  const quoted = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  return text === null ? `D ${quoted}\n` : `M 100644 inline ${quoted}\n${data(text)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
