import { formatFault, TracksError } from '@k8sta/tracks';
import { isPossible } from './answer.js';
import { PlanFault } from './fault.js';
import { type PlanRequest, plan } from './plan.js';
import { showPlan } from './show.js';

export interface PlanOutput {
  readonly code: 'possible' | 'impossible' | 'fault';
  readonly output: string;
}

/** Plans, and prints the plan, or what is wrong with the files. */
export async function runPlan(request: PlanRequest, format: 'text' | 'json'): Promise<PlanOutput> {
  try {
    const answer = await plan(request);
    const output = format === 'json' ? `${JSON.stringify(answer, null, 2)}\n` : showPlan(answer);
    return { code: isPossible(answer) ? 'possible' : 'impossible', output };
  } catch (error) {
    if (error instanceof TracksError) return { code: 'fault', output: `${error.faults.map(formatFault).join('\n')}\n` };
    if (error instanceof PlanFault) return { code: 'fault', output: `${error.faults.join('\n')}\n` };
    throw error;
  }
}
