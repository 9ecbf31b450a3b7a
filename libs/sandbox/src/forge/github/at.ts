import type { Surroundings } from '../core/dialect.js';
import { ownedBy, routesAt } from '../http/routes-at.js';
import { refuse } from './words.js';

/** Makes the routes below a repository and below a pull request of it. */
export function routesOf(surroundings: Surroundings) {
  const missing = () => refuse(404, 'Not Found');
  return routesAt(surroundings, { ...ownedBy(surroundings), number: 'number', noProject: missing, noPull: missing });
}
