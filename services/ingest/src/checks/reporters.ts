import { generic, genericOidc } from '../senders/generic.js';
import type { Prover } from '../senders/sender.js';
import { readLimitedSecret, readLimitedTrust } from './limits.js';

/** Who may report checks. They prove themselves as CI jobs do that announce images, by secrets of their own. */
export const reporters: readonly Prover[] = [
  { name: generic.name, proof: generic.proof, readLine: readLimitedSecret },
  { name: genericOidc.name, proof: genericOidc.proof, readLine: readLimitedTrust },
];
