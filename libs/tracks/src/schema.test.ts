import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tracksJsonSchema } from './schema.js';

describe('the JSON Schema of a tracks file', () => {
  it('equals the committed file; after an intended change: npm run generate', () => {
    const committed = readFileSync(new URL('../schemas/tracks.schema.json', import.meta.url), 'utf8');
    assert.deepEqual(JSON.parse(committed), JSON.parse(JSON.stringify(tracksJsonSchema())));
  });
});
