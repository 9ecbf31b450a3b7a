import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { until } from '@k8sta/sandbox';
import { openScreen } from './screen.js';

/** A terminal of this size, and what was written to it. */
function terminal() {
  const stream = Object.assign(new PassThrough(), { columns: 60, rows: 20, isTTY: true });
  let written = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  return { stream: stream as unknown as WriteStream, written: () => written };
}

const eraseLine = '\u001b[2K';

describe('the screen', () => {
  it('draws at once, again when told, to the size of the terminal, and leaves the last drawing', async () => {
    const { stream, written } = terminal();
    let drawn = 0;
    const screen = openScreen(stream, (columns, rows) => `drawing ${++drawn} of ${columns}x${rows}`);
    await until(() => written().includes('drawing 1 of 60x20'));
    for (let at = 0; at < 100; at++) screen.update();
    await until(() => written().includes('drawing 2'));
    screen.print('this stays\n');
    await until(() => written().includes('drawing 3'));
    screen.end();
    await until(() => written().includes('drawing 4'));
    const [before = '', after = ''] = written().split('this stays\n');
    assert.ok(before.includes(`drawing 2 of 60x20\n${eraseLine}`), 'the drawing gives way to what stays');
    assert.equal(drawn, 4);
    assert.match(after, /drawing 4 of 60x20\n/);
  });
});
