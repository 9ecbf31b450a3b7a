import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { optionsOf, serviceNames } from './environment.js';

const composeSchema = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      build: z.object({ args: z.object({ SERVICE: z.string() }) }).optional(),
      environment: z.record(z.string(), z.string()).default({}),
      volumes: z.array(z.string()).default([]),
      tmpfs: z.array(z.string()).default([]),
      secrets: z.array(z.string()).default([]),
      ports: z.array(z.string()).default([]),
    }),
  ),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

describe('compose.yaml', () => {
  let compose: z.infer<typeof composeSchema>;

  before(async () => {
    const text = await readFile(new URL('../../../compose.yaml', import.meta.url), 'utf8');
    compose = composeSchema.parse(parse(text, { merge: true }));
  });

  for (const name of serviceNames) {
    it(`gives ${name} the environment that it requires, and the files that it names`, () => {
      const service = compose.services[name];
      assert.ok(service);
      assert.equal(service.build?.args.SERVICE, name);
      const options = Object.values(optionsOf[name]);
      const known = options.map(({ env }) => env);
      assert.deepEqual(
        Object.keys(service.environment).filter((variable) => !known.includes(variable)),
        [],
      );
      const required = options.filter(({ schema }) => !schema.safeParse(undefined).success).map(({ env }) => env);
      assert.deepEqual(
        required.filter((variable) => !service.environment[variable]),
        [],
      );
      const mounted = [
        ...service.secrets.map((secret) => `/run/secrets/${secret}`),
        ...service.volumes.map((volume) => /:(\/[^:]+):ro$/.exec(volume)?.[1]),
        ...service.tmpfs.map((each) => each.split(':')[0]),
      ];
      const named = Object.values(service.environment).filter((value) => value.startsWith('/'));
      assert.deepEqual(named.sort(), mounted.sort());
      for (const secret of service.secrets) assert.ok(compose.secrets[secret], secret);
    });
  }

  it('lets the machine in, and of the outside only webhooks', () => {
    const outside = Object.entries(compose.services).flatMap(([name, { ports }]) =>
      ports.filter((port) => !port.startsWith('127.0.0.1:')).map((port) => `${name} ${port}`),
    );
    assert.deepEqual(outside, ['ingest 8080:8080']);
  });

  it('runs the servers that deploy/ runs', async () => {
    for (const server of ['nats', 'redis']) {
      const manifest = await readFile(
        new URL(`../../../deploy/components/${server}/${server}.yaml`, import.meta.url),
        'utf8',
      );
      assert.ok(manifest.includes(`image: ${compose.services[server]?.image}\n`), server);
    }
  });
});
