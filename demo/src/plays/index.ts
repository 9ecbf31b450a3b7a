import { approval } from './approval.js';
import { check } from './check.js';
import { express } from './express.js';
import { junction } from './junction.js';
import type { Play } from './play.js';
import { pullRequest } from './pull-request.js';
import { revert } from './revert.js';
import { rollback } from './rollback.js';
import { soak } from './soak.js';
import { window } from './window.js';

/** The scenarios in which people act. */
export const plays: readonly Play[] = [approval, check, soak, window, rollback, revert, junction, express, pullRequest];
