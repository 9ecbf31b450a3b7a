import assert from 'node:assert/strict';
import { svgOf } from './plot.js';

describe('a plot', () => {
  const svg = svgOf({
    ...{ title: 'Time <of> a & b', x: 'Tracks', y: 'ms' },
    curves: [
      { name: 'tracker', points: [10, 100, 1_000].map((x) => ({ x, y: x / 100 })) },
      { name: 'promoter', points: [10, 100, 1_000].map((x) => ({ x, y: 5 })) },
    ],
  });

  it('places equal factors of x at equal distances, and y from zero', () => {
    const [, first = ''] = /<path d="M([^"]+)"/.exec(svg) ?? [];
    const points = first.split('L').map((point) => point.split(',').map(Number));
    const [[x1 = 0, y1 = 0] = [], [x2 = 0] = [], [x3 = 0, y3 = 0] = []] = points;
    assert.ok(Math.abs(x2 - x1 - (x3 - x2)) < 0.2, first);
    assert.ok(y3 < y1, 'more is higher');
  });

  it('names each curve and each measured value', () => {
    for (const shown of ['tracker', 'promoter', '>10<', '>100<', '>1,000<']) assert.ok(svg.includes(shown), shown);
  });

  it('escapes what it shows', () => {
    assert.ok(svg.includes('<title>Time &lt;of&gt; a &amp; b</title>'));
  });
});
