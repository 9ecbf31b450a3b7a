import { operator } from '@k8sta/contracts';
import type { System } from '@k8sta/sandbox';
import { type SenderName, shortWebhook } from './webhook.js';

/** Commands to paste into another terminal while everything keeps running. */
export function tryThis(system: System, sender: SenderName, actor: string, page: string | undefined): string {
  const { nats, git, repository, line } = system;
  const [tap, person] = [nats.as('tap'), nats.as(operator)];
  const connection = `--nats-url ${nats.url} --nats-password-file ${person.passwordFile}`;
  const clone = new URL(repository.url);
  clone.username = git.user;
  clone.password = git.password;
  const file = `apps/${actor}/kustomization.yaml`;
  const change = (from: string, to: string, why: string) =>
    `cd deploy && git pull -q && sed -i.bak 's#base/${from}#base/${to}#' ${file} && git commit -qam '${why}' && git push -q; cd ..`;
  const { url, headers, body } = shortWebhook(system, sender, '1.4.3');
  const shown = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`);
  const breaking = `
  # break an Application; then push another image and watch its Ticket stop there
  ${change(line.track, 'nowhere', `Break ${actor}`)}

  # fix it before the deadline, and watch the Ticket continue
  ${change('nowhere', line.track, `Fix ${actor}`)}
`;
  return `
Everything keeps running.${page ? ` The railway in a browser: ${page}` : ''}
Try, in another terminal:

  # push another image
  curl ${shown.join(' ')} -d '${body}' ${url}

  # ask the tracker, and say a word as an operator (docs/operating.md has all commands)
  npm run -s k8sta -- tickets --all ${connection}
  npm run -s k8sta -- pause ${line.track}/${Object.keys(line.stations).at(-1)} -m 'freeze' ${connection}
  npm run -s k8sta -- resume ${line.track}/${Object.keys(line.stations).at(-1)} ${connection}

  # see every message on the bus, with the NATS CLI
  nats --server ${nats.url} --user ${tap.user} --password ${tap.pass} --inbox-prefix ${tap.inboxPrefix} sub 'k8sta.>'

  # clone what Argo CD deploys from
  git clone ${clone} deploy
${line.layout === 'helm' ? '' : breaking}
Ctrl-C ends it and removes everything.

`;
}
