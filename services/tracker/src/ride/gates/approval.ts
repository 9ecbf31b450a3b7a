import type { Gate } from './gate.js';

/** People must approve that the Ticket enters the Station; one person counts once. */
export const approval: Gate = {
  name: 'approval',
  isPassable: true,
  check({ live, station }) {
    const { approval: wanted } = station.gates;
    // Who may merge, may let it enter: the forge knows them.
    if (!wanted || wanted.byMerge) return undefined;
    const given = (live.approvals?.[station.name] ?? []).filter((person) => wanted.by?.includes(person) ?? true);
    const missing = wanted.count - given.length;
    if (missing <= 0) return undefined;
    const of = wanted.by ? ` of ${wanted.by.filter((person) => !given.includes(person)).join(', ')}` : '';
    const so = given.length > 0 ? `; approved by ${given.join(', ')}` : '';
    const message = `${station.name} needs ${missing === 1 ? 'an approval' : `${missing} approvals`}${of}${so}`;
    return { waits: { on: 'gate', reason: 'ApprovalMissing', message, wake: ['word'] } };
  },
};
