import assert from 'node:assert/strict';
import type { Repository } from '@k8sta/sandbox';
import { connect } from 'nats';
import { application, image, type Replica, type Request, Stage } from '../promoter.fixture.js';

describe('the cost of a promotion', () => {
  let stage: Stage;
  let replica: Replica;
  let repository: Repository;

  before(async () => {
    stage = await Stage.start();
    replica = stage.replica();
  });
  beforeEach(async () => {
    stage.reset();
    repository = await stage.repository();
  });
  after(() => stage.stop());

  /** The Ticket of this tag. */
  function request(tag: string): Request {
    const ticket = `${repository.name.replaceAll('/', '-')}-${tag.replaceAll('.', '-')}`;
    const applications = [application('dev', { image: { ...image, tag } })];
    return stage.request(repository, { ticket, promotion: `${ticket}/dev/1`, applications });
  }

  async function requestsOf(promotion: Request): Promise<string[]> {
    const seen: string[] = [];
    stage.server.intercept(({ service, step }) => void seen.push(`${service} ${step}`));
    assert.equal((await stage.answer(replica, promotion)).is, 'committed');
    return seen;
  }

  it('is one read of the stream, however many promotions of its Station have started', async () => {
    const base = await repository.tip();
    for (let attempt = 1; attempt < 30; attempt++) {
      await stage.begin({ ...request('1.0.0'), promotion: `other/dev/${attempt}` }, base);
    }
    const connection = await connect({ servers: stage.nats.url });
    let reads = 0;
    connection.subscribe('$JS.API.STREAM.>', { callback: () => void reads++ });
    await connection.flush();
    assert.equal((await stage.deliver(replica, request('1.4.2'))).is, 'done');
    await connection.close();
    assert.equal(reads, 1);
  });

  it('is two requests to the Git server, as many as a bare push', async () => {
    await stage.deliver(replica, request('1.4.2'));
    assert.deepEqual(await requestsOf(request('1.4.3')), ['git-receive-pack advertise', 'git-receive-pack exchange']);
  });

  it('is a fetch more after a commit of somebody else', async () => {
    await stage.deliver(replica, request('1.4.2'));
    await repository.commit({ files: { x: 'y' }, message: 'Rival' });
    assert.deepEqual(await requestsOf(request('1.4.3')), [
      ...['git-receive-pack advertise', 'git-upload-pack advertise', 'git-upload-pack exchange'],
      'git-receive-pack exchange',
    ]);
  });
});
