import { type Child, startChild } from '../child.js';
import type { Orders } from './api-process.js';

/** The process that plays the Kubernetes API. */
export type Api = Child<Orders>;

export function startApi(): Api {
  return startChild<Orders>('@k8sta/bench/watcher/api-process');
}
