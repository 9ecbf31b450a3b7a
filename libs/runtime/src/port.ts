import { sanitizeLine } from '@k8sta/text';

/** Why the process cannot listen on this port, for a person. */
export function portReason(port: number, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return `port ${port} is already in use`;
  return code === 'EACCES' ? `port ${port} needs privileges that this process lacks` : sanitizeLine(message);
}
