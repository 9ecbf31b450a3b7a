import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { answerableMs, gitRelation, promotionWanted } from '@k8sta/contracts';
import { type DeployedNats, startDeployedNats, until } from '@k8sta/sandbox';
import { connect, createInbox, Events, type NatsConnection } from 'nats';
import { answer, ask } from './ask.js';
import { quiet, stageForEach } from './bus.fixture.js';

describe('a question', () => {
  const stage = stageForEach();
  const request = {
    ...{ repository: 'https://git/x', commit: 'a'.repeat(40), revision: 'b'.repeat(40) },
    image: { repository: 'x', tag: '1' },
  };

  it('is answered, or with an error if it is refused, and has no answer while its service is missing', async () => {
    assert.equal(await stage.bus.ask(gitRelation, request, 200), undefined);
    stage.bus.answer(gitRelation, async ({ repository }) => {
      if (repository.endsWith('broken')) throw new Error('the mirror is gone');
      return { relation: 'same' as const };
    });
    assert.deepEqual(await stage.bus.ask(gitRelation, request, 1000), { relation: 'same' });
    await assert.rejects(stage.bus.ask(gitRelation, { ...request, repository: 'broken' }, 1000), /the mirror is gone/);
  });

  it('is answered by a service that has taken it and closes', async () => {
    const answering = await stage.open();
    let finish = () => {};
    const answered = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let isAsked = false;
    answering.answer(gitRelation, async () => {
      isAsked = true;
      await answered;
      return { relation: 'same' as const };
    });
    await answering.ping();
    const reply = stage.bus.ask(gitRelation, request, 10_000);
    await until(() => isAsked);
    const closed = answering.close();
    // By then the server has removed the subscription.
    for (let round = 0; round < 5; round += 1) await stage.raw.flush();
    finish();
    assert.deepEqual(await reply, { relation: 'same' });
    await closed;
  });

  it('keeps no service that closes waiting for an answer that does not come', async () => {
    const answering = await stage.open();
    let isAsked = false;
    answering.answer(gitRelation, async () => {
      isAsked = true;
      return new Promise<never>(() => {});
    });
    await answering.ping();
    stage.raw.publish(gitRelation.subject, JSON.stringify(request));
    await until(() => isAsked);
    await answering.close();
  });
});

const question = { track: 'storefront', ticket: 'a', promotion: 'a/dev/1', part: 0 };

describe('a late answer', () => {
  let nats: DeployedNats;
  let asker: NatsConnection;
  let answerer: NatsConnection;
  let nowMs: number;
  let waiting: (() => void)[];

  beforeEach(async () => {
    nats = await startDeployedNats();
    asker = await connect(nats.as('promoter'));
    answerer = await connect({ ...nats.as('tracker'), reconnectTimeWait: 20 });
    nowMs = 0;
    waiting = [];
    const surroundings = { connection: answerer, service: 'tracker', log: quiet, now: () => nowMs };
    answer(surroundings, promotionWanted, () => new Promise((reply) => waiting.push(() => reply({ wanted: true }))));
    await answerer.flush();
  });
  afterEach(async () => {
    await asker.close();
    await answerer.close();
    assert.deepEqual(nats.refusals.list(), []);
    await nats.stop();
  });

  /** Waits until a question has come; what it resolves with answers it. */
  const nextQuestion = (): Promise<() => void> => until(() => waiting.shift());

  /** Asks by hand, so that an answer is seen whenever it comes. */
  const heardAnswers = (): string[] => {
    const answers: string[] = [];
    const reply = createInbox(nats.as('promoter').inboxPrefix);
    asker.subscribe(reply, { callback: (_error, message) => void answers.push(message.string()) });
    asker.publish(promotionWanted.subject, JSON.stringify(question), { reply });
    return answers;
  };

  /** The answerer has written its answer: a flush before that would overtake it. */
  const answered = () => turn();

  it('is sent only while NATS accepts it', async () => {
    for (const [tookMs, sent] of [
      [answerableMs - 1, 1],
      [answerableMs, 0],
    ] as const) {
      const [answers, answerNow] = [heardAnswers(), await nextQuestion()];
      nowMs += tookMs;
      answerNow();
      await answered();
      await answerer.flush();
      await asker.flush();
      assert.equal(answers.length, sent);
    }
  });

  it('is not sent on the next connection, whose answers NATS refuses', async () => {
    const answers = heardAnswers();
    const answerNow = await nextQuestion();
    const reconnected = (async () => {
      for await (const { type } of answerer.status()) if (type === Events.Reconnect) return;
    })();
    await nats.kill();
    await nats.restart();
    await reconnected;
    answerNow();
    await answered();
    await answerer.flush();
    assert.deepEqual(answers, []);
  });

  it('cannot be waited for', async () => {
    await assert.rejects(ask(asker, promotionWanted, question, answerableMs + 1), RangeError);
  });
});
