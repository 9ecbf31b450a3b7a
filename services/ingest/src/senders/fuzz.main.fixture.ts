import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.fixture.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
const runs = Number(values.runs);
const startedAt = performance.now();
const { outcomes } = await fuzz(runs, values.seed === undefined ? undefined : Number(values.seed));
for (const [key, count] of [...outcomes].sort(([a], [b]) => a.localeCompare(b))) {
  process.stdout.write(`${String(count).padStart(8)} ${key}\n`);
}
process.stdout.write(
  `${runs} webhooks in ${Math.round((performance.now() - startedAt) / 1000)} s: every promise held\n`,
);
