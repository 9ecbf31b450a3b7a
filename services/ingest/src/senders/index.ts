import { acr, acrEventGrid } from './acr.js';
import { artifactory } from './artifactory.js';
import { cloudEvents } from './cloudevents.js';
import { distribution, gitlab } from './distribution.js';
import { dockerHub } from './dockerhub.js';
import { ecr } from './ecr.js';
import { gar } from './gar.js';
import { generic, genericOidc } from './generic.js';
import { ghcr } from './ghcr.js';
import { harbor } from './harbor.js';
import { nexus } from './nexus.js';
import { quay } from './quay.js';
import type { Sender } from './sender.js';

/** Every sender that K8sTA knows. One without a file of secrets is closed. */
export const senders: readonly Sender[] = [
  dockerHub,
  ghcr,
  quay,
  harbor,
  distribution,
  gitlab,
  ecr,
  acr,
  acrEventGrid,
  gar,
  nexus,
  artifactory,
  cloudEvents,
  generic,
  genericOidc,
];
