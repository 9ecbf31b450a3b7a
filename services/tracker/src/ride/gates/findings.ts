import type { Gate } from './gate.js';

/** A finding that could reach another Station, or hide that the image never runs, keeps every Ticket out. */
export const findings: Gate = {
  name: 'findings',
  check({ state, station }) {
    const held = state.findings.find((finding) => finding.holds && finding.station === station.name);
    if (!held) return undefined;
    const message = `cannot enter ${station.name}: ${held.message}`;
    return { waits: { on: 'application', reason: 'StationHeld', message, wake: ['finding'] } };
  },
};
