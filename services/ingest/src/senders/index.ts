import { dockerHub } from './dockerhub.js';
import type { Sender } from './sender.js';

/** Every sender that K8sTA knows. One without a file of secrets is closed. */
export const senders: readonly Sender[] = [dockerHub];
