import type { Message } from '@sotto/client';
import { expect, test } from 'vitest';
import { Heights, OVERSCAN, rowAbove, stretchAround } from '../src/state/extent';
import { rows } from '../src/state/timeline';

const VIEW = 800;
/** 100,000 rows of 50 pixels. */
const MANY = Array.from({ length: 100_000 }, () => 50);

function message(id: string, text: string): Message {
  const from = { account: 'bob', name: 'bob' };
  const body = { kind: 'text', text } as const;
  return { id, chat: 'c', position: 1, from, own: false, body, at: 0, state: 'received', retention: { kind: 'keep' } };
}

test('what is drawn of 100,000 rows is the view and some rows around it, wherever it is', () => {
  for (const index of [0, 7, 50_000, 99_999]) {
    const { first, end } = stretchAround(MANY, { index, top: 100 }, VIEW);
    expect(end - first).toBeLessThanOrEqual((VIEW + 2 * OVERSCAN) / 50 + 3);
    expect(first).toBeLessThanOrEqual(index);
    expect(end).toBeGreaterThan(index);
  }
  expect(stretchAround(MANY, { index: 0, top: 0 }, VIEW).first).toBe(0);
  expect(stretchAround(MANY, { index: 99_999, top: 750 }, VIEW).end).toBe(100_000);
});

test('where nothing is laid out everything is drawn', () => {
  expect(stretchAround([50, 50], { index: 1, top: 0 }, Number.POSITIVE_INFINITY)).toEqual({ first: 0, end: 2 });
});

test('a place in the history is found by what is below it', () => {
  expect(rowAbove(MANY, 0, VIEW)).toEqual({ index: 99_999, top: 750 });
  // 120 pixels are below the view: two rows and a part of the third.
  expect(rowAbove(MANY, 120, VIEW)).toEqual({ index: 99_997, top: 770 });
  expect(rowAbove(MANY, 1e9, VIEW).index).toBe(0);
  expect(rowAbove([], 0, VIEW).index).toBe(0);
});

test('a row is as high as it was measured, at another width as high as it seems, and longer texts seem higher', () => {
  const sizes = new Heights();
  sizes.fit(800);
  const [short, long] = rows([message('a', 'hi'), message('b', 'word '.repeat(200))]);
  if (!short || !long) throw new Error('there are two rows');
  expect(sizes.of(long)).toBeGreaterThan(sizes.of(short));
  const seeming = sizes.of(short);
  expect(sizes.measure('a', 123.5)).toBe(true);
  expect(sizes.measure('a', 123.5)).toBe(false);
  expect(sizes.of(short)).toBe(123.5);
  sizes.fit(400);
  expect(sizes.of(short)).toBe(seeming);
});

test('a row seems higher where it says that what follows was told, and where that ends', () => {
  const toldBy = { account: 'ada', name: 'ada' };
  const [plain] = rows([message('a', 'hi'), message('b', 'hi')]);
  const [, opening, closing] = rows([
    message('c', 'hi'),
    { ...message('d', 'hi'), toldBy },
    { ...message('e', 'hi'), toldBy, from: { account: 'carol', name: 'carol' } },
    message('f', 'hi'),
  ]);
  if (!plain || !opening || !closing) throw new Error('there are as many rows as messages');
  const sizes = new Heights();
  sizes.fit(800);
  const higher = (row: typeof plain) => sizes.of(row) - sizes.of({ ...row, opensTold: false, closesTold: false });
  expect(higher(plain)).toBe(0);
  expect(higher(opening)).toBeGreaterThan(0);
  expect(higher(closing)).toBeGreaterThan(0);
});
