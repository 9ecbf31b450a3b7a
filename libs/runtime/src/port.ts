import { oneLine } from '@k8sta/contracts';

/** Why nobody can listen on this port, in words. */
export function portReason(port: number, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return `somebody else listens on port ${port} already`;
  return code === 'EACCES' ? `port ${port} needs a privilege that this process has not` : oneLine(message);
}
