import type { Forge } from './forge.js';
import { gitea } from './gitea.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';

/** Every forge that K8sTA knows. One without a file of secrets is closed. */
export const forges: readonly Forge[] = [github, gitlab, gitea];
