import assert from 'node:assert/strict';
import { openStage, type Surroundings } from './stage.js';

describe('the stage of a play', () => {
  it('waits for no event after Ctrl-C, even if the play was not waiting then', async () => {
    const signal = AbortSignal.abort(new Error('ended by SIGINT'));
    const around = { watching: { onEvent() {} }, output: {}, signal } as unknown as Surroundings;
    await assert.rejects(
      openStage(around).event('ticket.completed', () => true),
      /^Error: ended by SIGINT$/,
    );
  });
});
