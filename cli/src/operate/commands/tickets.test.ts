import assert from 'node:assert/strict';
import { Command } from 'commander';
import { addTickets } from './tickets.js';

describe('k8sta tickets', () => {
  it('refuses a limit that is no number, by the name of the flag', async () => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    addTickets(program);
    const parsing = program.parseAsync(['tickets', '--limit', 'few'], { from: 'user' });
    await assert.rejects(parsing, /--limit <count>' argument 'few' is invalid\. must be a whole number/);
  });
});
