/** Writes the files that are generated from code and committed; tests compare them with what this would write. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { wireSchemas } from '@k8sta/contracts';
import { tracksJsonSchema } from '@k8sta/tracks';

const schemas = new URL('../libs/contracts/schemas/', import.meta.url);
await rm(schemas, { recursive: true, force: true });
await mkdir(schemas, { recursive: true });
for (const [name, schema] of Object.entries(wireSchemas())) {
  await writeFile(new URL(name, schemas), `${JSON.stringify(schema, null, 2)}\n`);
}

const tracks = new URL('../libs/tracks/schemas/', import.meta.url);
await mkdir(tracks, { recursive: true });
await writeFile(new URL('tracks.schema.json', tracks), `${JSON.stringify(tracksJsonSchema(), null, 2)}\n`);
