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

const eraseBelow = '\u001b[J';

describe('the screen', () => {
  it('draws at once and on request, to the size of the terminal, and leaves the last drawing', async () => {
    const { stream, written } = terminal();
    let drawn = 0;
    const screen = openScreen(stream, ({ columns, rows }) => `drawing ${++drawn}\nof ${columns}x${rows}`);
    await until(() => written().includes('drawing 1'));
    for (let at = 0; at < 100; at++) screen.update();
    await until(() => written().includes('drawing 2'));
    screen.print('this stays\n');
    await until(() => written().includes('drawing 3'));
    screen.end();
    await until(() => written().includes('drawing 4'));
    const [before = '', after = ''] = written().split('this stays\n');
    assert.ok(before.endsWith(`\u001b[1A\r${eraseBelow}`), 'the drawing gives way to what stays');
    assert.equal(drawn, 4);
    assert.match(after, /drawing 4\S*\nof 60x20\S*\n$/);
  });

  it('clears the terminal after a resize, and keeps the text above the drawing', async () => {
    const { stream, written } = terminal();
    const screen = openScreen(stream, ({ columns }) => `drawing of ${columns}`);
    screen.print('this stays\n');
    stream.columns = 30;
    stream.emit('resize');
    await until(() => written().includes('drawing of 30'));
    const [, after = ''] = written().split('\u001b[2J\u001b[H');
    assert.match(after, /^this stays\n.*drawing of 30/s);
    screen.end();
  });

  it('never draws more lines than the terminal has, and never wraps a line', async () => {
    const { stream, written } = terminal();
    const screen = openScreen(stream, () => Array.from({ length: 50 }, (_, at) => `line ${at}`).join('\n'));
    await until(() => written().includes('line 19'));
    assert.ok(!written().includes('line 20'));
    assert.ok(written().startsWith('\u001b[?7l') && written().endsWith('\u001b[?7h'));
    screen.end();
  });

  it('restores the whole terminal, and leaves the last drawing below the earlier text', async () => {
    const { stream, written } = terminal();
    const screen = openScreen(stream, ({ rows }) => `drawing of ${rows}`, { whole: true });
    screen.end();
    await until(() => written().endsWith('\n'));
    const [, during = '', after] = written().split(/\S\[\?1049[hl]/);
    assert.ok(during.includes('drawing of 20'));
    assert.equal(after, 'drawing of Infinity\n');
  });
});
