import { tryParseImage } from '@k8sta/contracts';
import { ConfigError } from '@k8sta/runtime';
import { didYouMean, sanitizeLine } from '@k8sta/text';
import { atRegistry } from './senders/announcement.js';
import type { Registries } from './senders/sender.js';

/** The senders that the option names. Throws a ConfigError with all faults. */
export function parseSenders(variable: string, entries: readonly string[], senders: readonly string[]): Set<string> {
  const unknown = entries.filter((entry) => !senders.includes(entry));
  if (unknown.length === 0) return new Set(entries);
  throw new ConfigError(
    unknown.map((entry) => `${variable}: "${sanitizeLine(entry, 100)}" is not a sender${didYouMean(entry, senders)}`),
  );
}

/** Reads `<sender>/<registry as its webhooks name it>=<host>[/<path>]`. Throws a ConfigError with all faults. */
export function parseRegistries(variable: string, entries: readonly string[], senders: readonly string[]): Registries {
  const faults: string[] = [];
  const registries = new Map<string, string>();
  for (const entry of entries) {
    const [, sender = '', named = '', host = ''] = /^([a-z0-9-]+)\/([^=]+)=(.+)$/.exec(entry) ?? [];
    const says = `${variable}: "${sanitizeLine(entry, 100)}"`;
    if (!host) faults.push(`${says} must be <sender>/<name in its webhooks>=<host>[/<path>]`);
    else if (!senders.includes(sender)) faults.push(`${says} names no sender${didYouMean(sender, senders)}`);
    else if (!tryParseImage(atRegistry(host, 'x') ?? '')) {
      faults.push(`${says} must end with a host that has a dot or a port, such as "registry.example.com:5000"`);
    } else if (registries.has(`${sender}/${named}`)) faults.push(`${says} names the same registry again`);
    else registries.set(`${sender}/${named}`, host);
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return registries;
}
