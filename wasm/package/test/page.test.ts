import { afterEach, expect, test, vi } from 'vitest';
import { isSomebodyThere } from '../src/activity.js';
import { activityLock } from '../src/channel.js';
import { randomId } from '../src/id.js';
import { trustedScript } from '../src/trusted-types.js';

afterEach(() => vi.unstubAllGlobals());

test('the Trusted Types policy is named sotto and vouches for the first address only', () => {
  const names: string[] = [];
  vi.stubGlobal('trustedTypes', {
    createPolicy: (name: string, rules: object) => {
      names.push(name);
      return rules;
    },
  });
  expect(trustedScript('https://sotto.example/worker.js')).toBe('https://sotto.example/worker.js');
  expect(trustedScript('https://sotto.example/worker.js')).toBe('https://sotto.example/worker.js');
  expect(() => trustedScript('https://elsewhere.example/worker.js')).toThrow(TypeError);
  expect(names).toEqual(['sotto']);
});

test('without Trusted Types an address stays as it is', () => {
  expect(trustedScript('https://sotto.example/worker.js')).toBe('https://sotto.example/worker.js');
});

test('an id is 16 bytes of base64url, and never the same twice', () => {
  const ids = Array.from({ length: 100 }, randomId);
  for (const id of ids) {
    expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(Buffer.from(id, 'base64url')).toHaveLength(16);
  }
  expect(new Set(ids).size).toBe(100);
});

test('somebody is there while any tab holds the lock of one', async () => {
  const locks = (...names: string[]) => ({
    query: () => Promise.resolve({ held: names.map((name) => ({ name })) }),
  });
  expect(await isSomebodyThere(locks('sotto', activityLock('tab', 1)))).toBe(true);
  expect(await isSomebodyThere(locks('sotto', 'sotto store sotto'))).toBe(false);
  expect(await isSomebodyThere({ query: () => Promise.resolve({}) })).toBe(false);
});
