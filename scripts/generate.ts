import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsUsersFile, wireSchemas } from '@k8sta/contracts';
import { tracksJsonSchema } from '@k8sta/tracks';
import { references } from './reference/references.js';

const root = new URL('../', import.meta.url);
const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
const schemas = 'libs/contracts/schemas/';

const files: [string, string][] = [
  ...Object.entries(wireSchemas()).map(([name, schema]): [string, string] => [`${schemas}${name}`, json(schema)]),
  ['libs/tracks/schemas/tracks.schema.json', json(tracksJsonSchema())],
  ['deploy/components/nats/users.conf', natsUsersFile()],
  ...Object.entries(references()),
];

// Remove the schemas of events that no longer exist.
await rm(new URL(schemas, root), { recursive: true, force: true });
for (const [path, content] of files) {
  const file = fileURLToPath(new URL(path, root));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
