/** Prints the commands of one section of a document as a script: node scripts/walk.ts docs/install.md 'By hand, on kind' */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** The `sh` blocks of the section with this heading, in order. */
export function commandsOf(text: string, heading: string): string {
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`no such section: "${heading}"`);
  const blocks = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  // -v prints the commands as they are read; -x would print expanded passwords.
  return `set -euo pipefail -v\n${blocks.join('\n')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [document = '', heading = ''] = process.argv.slice(2);
  process.stdout.write(commandsOf(readFileSync(document, 'utf8'), heading));
}
