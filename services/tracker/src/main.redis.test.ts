import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  freePort,
  type NatsServer,
  type Service,
  startNats,
  startRedis,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';

const entry = import.meta.resolve('@k8sta/tracker');

describe('the tracker as a process', () => {
  let nats: NatsServer;
  let directory: TemporaryDirectory;
  let tracks: string;
  let service: Service | undefined;

  beforeEach(async () => {
    nats = await startNats();
    directory = await temporaryDirectory('tracker');
    tracks = join(directory.path, 'tracks.yaml');
    await writeFile(
      tracks,
      'tracks:\n- name: a\n  images: [{repository: acme/a}]\n  stations: [{name: dev, applications: [a]}]\n',
    );
  });
  afterEach(async () => {
    await service?.stop();
    service = undefined;
    await nats.stop();
    await directory.remove();
  });

  it('waits for a Redis that starts later, logs that it waits, and stops cleanly', async () => {
    const port = await freePort();
    const environment = {
      K8STA_NATS_URL: nats.url,
      K8STA_REDIS_URL: `redis://127.0.0.1:${port}`,
      K8STA_TRACKS: tracks,
    };
    service = await startService({ name: 'tracker', entry, environment });
    const { statusUrl } = service;
    await until(async () => /^redis:/m.test(await (await fetch(`${statusUrl}/readyz`)).text()));
    const redis = await startRedis({ port });
    await service.ready();
    await service.kill('SIGTERM');
    assert.match(await service.ended, /exit code 0/);
    await redis.stop();
  });

  it('logs an error if Redis could lose what it acknowledged, and continues', async () => {
    const redis = await startRedis({ settings: { appendfsync: 'everysec' } });
    const environment = { K8STA_NATS_URL: nats.url, K8STA_REDIS_URL: redis.url, K8STA_TRACKS: tracks };
    service = await startService({ name: 'tracker', entry, environment });
    await service.ready();
    assert.match(service.lastOutput(), /"level":"error".*Redis has appendfsync everysec, it has to be always/);
    await service.stop();
    await redis.stop();
  });

  it('lists every fault of its configuration and of the tracks file, without a stack trace', async () => {
    const refused = async (environment: Record<string, string>): Promise<string> =>
      startService({ name: 'tracker', entry, environment }).then(
        () => assert.fail('it started'),
        (error: Error) => error.message,
      );
    const config = await refused({ K8STA_REDIS_URL: 'nowhere', K8STA_NATS_ULR: 'nats://typo' });
    for (const name of ['K8STA_REDIS_URL', 'K8STA_TRACKS', 'K8STA_NATS_ULR']) assert.match(config, new RegExp(name));
    await writeFile(tracks, 'tracks:\n- name: A\n  stations: []\n');
    const file = await refused({ K8STA_TRACKS: tracks });
    assert.match(file, /tracks\.yaml:2:9/);
    for (const said of [config, file]) {
      assert.match(said, /exit code 1/);
      assert.doesNotMatch(said, /\n\s+at /);
    }
  });
});
