import { age } from '@k8sta/board/browser';

/** `42s`, `7m`, `3h`. */
export function duration(ms: number): string {
  return age(new Date(0).toISOString(), new Date(ms));
}
