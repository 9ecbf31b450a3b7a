import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { wireSchemas } from './schemas.js';

const committed = new URL('../schemas/', import.meta.url);

describe('the wire', () => {
  it('matches the committed JSON Schemas; after an intended change: npm run generate', async () => {
    const files: Record<string, unknown> = {};
    for (const name of await readdir(committed)) {
      files[name] = JSON.parse(await readFile(new URL(name, committed), 'utf8'));
    }
    assert.deepEqual(files, JSON.parse(JSON.stringify(wireSchemas())));
  });
});
