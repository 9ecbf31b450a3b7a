import { parseArgs } from 'node:util';
import { type NamedScenario, scenarios, startRailway } from '@k8sta/sandbox';
import { ride } from './ride.js';

const begun = performance.now();
const say = (line: string) =>
  process.stdout.write(`${((performance.now() - begun) / 1000).toFixed(2).padStart(6)}s  ${line}\n`);

/** The Application that behaves as the scenario says: one of the two of the middle Station. */
const actor = 'storefront-stage-us';

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
}

try {
  const { values } = parseArgs({
    options: { scenario: { type: 'string', default: 'healthy' }, list: { type: 'boolean', default: false } },
  });
  if (values.list) list();
  else process.stdout.write(`${await demonstrate(scenarioOf(values.scenario))}\n`);
} catch (error) {
  process.stderr.write(`failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

/** Starts everything, lets one train ride, stops everything. The last line to print; rejects when it does not arrive. */
async function demonstrate({ name, what, scenario }: NamedScenario): Promise<string> {
  say(`${name}: ${what}`);
  const railway = await startRailway({ onStep: (step) => say(`starting ${step}`), signal: ending.signal });
  try {
    railway.argo.setScenario(
      actor,
      scenario.kind === 'laterCommitWins' ? { ...scenario, repository: railway.repository } : scenario,
    );
    return await ride(railway, say, ending.signal);
  } finally {
    say('stopping everything');
    await railway.stop();
  }
}

function scenarioOf(name: string): NamedScenario {
  const found = scenarios.find((each) => each.name === name);
  if (found) return found;
  throw new Error(`there is no scenario "${name}"; there are ${scenarios.map((each) => each.name).join(', ')}`);
}

function list(): void {
  process.stdout.write(`What ${actor}, one of the two Applications of the Station "stage", may do:\n\n`);
  for (const { name, what, ends } of scenarios) process.stdout.write(`${name.padEnd(22)} ${what} Ends ${ends}.\n`);
}
