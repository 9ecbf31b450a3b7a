import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventType, Service } from '@k8sta/contracts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Whether the service's sources do what the catalogue says of it: nobody may wait for an event that no code publishes. */
export function publishes(service: Service, type: EventType): boolean {
  return sourcesOf(service).includes(`type: '${type}'`);
}

export function consumes(service: Service, type: EventType): boolean {
  return new RegExp(`\\bconsume\\(\\s*'${type}'`).test(sourcesOf(service));
}

export function reads(service: Service, type: EventType): boolean {
  return new RegExp(`\\b(since|last|at|stored)\\(\\s*'${type}'`).test(sourcesOf(service));
}

const read = new Map<Service, string>();

/** All that the service runs of its own code and of the bus's, which publishes the dead letters. */
function sourcesOf(service: Service): string {
  const known = read.get(service);
  if (known !== undefined) return known;
  const text = [`services/${service}/src`, 'libs/bus/src']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name))
        .map((name) => readFileSync(join(root, folder, name), 'utf8')),
    )
    .join('\n');
  read.set(service, text);
  return text;
}
