import { isLoopback } from './loopback.js';

/** What is wrong with a secret that must be the address of a webhook. It never repeats the address. */
export function addressFault(isInsecureAllowed: boolean): (value: string) => string | undefined {
  return (value) => {
    if (!URL.canParse(value)) return 'does not hold an address';
    const { protocol, hostname, username } = new URL(value);
    if (protocol !== 'https:' && protocol !== 'http:') return 'does not hold an address that begins with https://';
    if (username !== '') return 'holds an address with a user';
    const isSafe = protocol === 'https:' || isLoopback(hostname) || isInsecureAllowed;
    return isSafe ? undefined : 'holds an address that begins with http://, which needs K8STA_NOTIFY_INSECURE';
  };
}
