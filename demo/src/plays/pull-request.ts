import type { Play } from './play.js';
import { insist } from './stage.js';

export const pullRequest: Play = {
  name: 'pull-request',
  what: 'dev and stage get commits, prod a pull request, which a person reviews and merges.',
  line: {
    keys: { prod: 'write: {pullRequest: {merge: byPeople, labels: [release], reviewers: [ann]}, statuses: true}' },
  },
  forge: { provider: 'github', rules: { requiredReviews: 1, deletesBranchAfterMerge: false } },
  async act({ push, event, events, say, system: { forge, repository } }) {
    if (!forge) throw new Error('the system has no forge');
    const ticket = await push('1.4.2');
    const { data: proposed } = await event('promotion.proposed', ({ data }) => data.ticket === ticket);
    const [opened] = await forge.pulls(repository.name);
    say(`the pull request ${proposed.url} says:\n${opened?.title}\n\n${opened?.body}\n`);
    await event('promotion.delayed', ({ data }) => data.ticket === ticket && data.station === 'prod');
    insist(
      !events('promotion.committed').some(({ data }) => data.station === 'prod'),
      'prod got a commit before a merge',
    );
    say('ann approves the pull request and merges it by squash');
    await forge.approve(repository.name, proposed.number);
    await forge.mergeByPerson(repository.name, proposed.number, { method: 'squash', by: 'ann' });
    const merged = await event('promotion.committed', ({ data }) => data.ticket === ticket && data.station === 'prod');
    await event('ticket.completed', ({ data }) => data.ticket === ticket);
    const pulls = await forge.pulls(repository.name);
    insist(pulls.length === 1, `${pulls.length} pull requests were opened`);
    const { commit = '' } = merged.data;
    insist(commit === pulls[0]?.merged?.commit, `the commit of record is ${commit}, and not the merge`);
    return `Ticket ${ticket} waited for ${proposed.url}, which ann merged as ${commit.slice(0, 8)}, and completed`;
  },
};
