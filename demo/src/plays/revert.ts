import type { Play } from './play.js';
import { insist } from './stage.js';

const file = 'apps/storefront-prod/kustomization.yaml';

export const revert: Play = {
  name: 'revert',
  what: 'A person takes prod back in Git; the next Ticket waits there until an operator resumes the Station.',
  line: {},
  async act({ system: { repository }, push, event, events, word, say }) {
    const first = await push('1.4.2');
    await event('ticket.completed', ({ data }) => data.ticket === first);
    const text = (await repository.read(file)) ?? '';
    const files = { [file]: text.replace('1.4.2', '1.4.1') };
    await repository.commit({ files, message: 'Take prod back to 1.4.1' });
    say('Pat Person takes prod back to 1.4.1');
    const second = await push('1.4.3');
    const { data } = await event(
      'ticket.waiting',
      (each) => each.data.ticket === second && each.data.reason === 'HeldByPerson',
    );
    insist(/Pat Person/.test(data.message), `the message does not name the person: ${data.message}`);
    const entered = () =>
      events('ticket.promoting').some((each) => each.data.ticket === second && each.data.station === 'prod');
    insist(!entered(), 'K8sTA committed over a person');
    insist((await repository.read(file))?.includes('1.4.1') ?? false, 'prod no longer names what the person wrote');
    await word('resume', { track: 'storefront', station: 'prod', message: 'the database is mended' });
    await event('ticket.completed', (each) => each.data.ticket === second);
    return `Ticket ${second} waited at prod (${data.message}), and completed after the operator had resumed it`;
  },
};
