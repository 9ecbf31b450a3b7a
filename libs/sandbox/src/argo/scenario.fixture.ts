import { until } from '../until.js';
import type { Application } from './application.js';
import type { Scenario } from './scenario.js';
import { isDeployed } from './until-application.js';
import { brief, record, release, type World } from './world.fixture.js';

/** The states after a release in this scenario, up to the last wanted one; `briefs` without immediate repetitions. */
export async function statesIn(
  { argo, ...world }: World,
  scenario: Scenario,
  isLast: (application: Application) => boolean,
) {
  const name = 'dev';
  argo.setScenario(name, scenario);
  const { states } = await record(argo, name);
  const commit = await release({ argo, ...world }, name, '1.1.0');
  await until(() => states.at(-1) && isLast(states.at(-1) as Application), { what: `the end of ${scenario.kind}` });
  const briefs = states.map(brief);
  return { commit, states, briefs: briefs.filter((each, index) => each !== briefs[index - 1]) };
}

export const phaseOf = ({ status }: Application) => status?.operationState?.phase;
export const healthOf = ({ status }: Application) => status?.health?.status;
export const deploymentsOf = ({ status }: Application) => status?.history?.length;

/** Whether the release is deployed and Argo CD is idle. */
export const isReleased = (application: Application) => deploymentsOf(application) === 2 && isDeployed(application);
