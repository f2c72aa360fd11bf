import { expect, test } from 'vitest';
import type { Client } from '../src/calls.js';
import { overWasm } from '../src/over-wasm.js';
import { sottoOf } from '../src/sotto.js';
import { Profile } from './profile.js';

type Module = Parameters<typeof overWasm>[0];

/** A page, and what the compiled module was asked by it. */
function page(answer: unknown = {}) {
  const asked: unknown[][] = [];
  const calls = ['searchPeople', 'profile', 'updateProfile', 'setPicture', 'setCover', 'profilePicture'].map((name) => [
    name,
    (...given: unknown[]) => {
      asked.push([name, ...given]);
      return Promise.resolve(answer);
    },
  ]);
  const client = overWasm(Object.fromEntries(calls) as Module);
  const browser = new Profile();
  browser.worker(() => Promise.resolve({ ...client, setActive: () => Promise.resolve() } as Client));
  return { sotto: sottoOf(browser.tab()), asked };
}

test('a text alone is a search too, and a place goes along with it', async () => {
  const { sotto, asked } = page({ people: [] });
  await sotto.searchPeople('ada');
  await sotto.searchPeople({ text: 'chess', near: { latitude: 48.1, longitude: 11.6 }, withinKm: 20 }, 'next');
  expect(asked).toEqual([
    ['searchPeople', { text: 'ada' }, undefined],
    ['searchPeople', { text: 'chess', near: { latitude: 48.1, longitude: 11.6 }, withinKm: 20 }, 'next'],
  ]);
});

test('a place that is absent stays, and null alone takes it away', async () => {
  const { sotto, asked } = page();
  const location = { latitude: 48.1, longitude: 11.6 };
  await sotto.updateProfile({ about: 'Hello' });
  await sotto.updateProfile({ location });
  await sotto.updateProfile({ location: null, isListed: false });
  expect(asked.map(([, update]) => update)).toEqual([
    { about: 'Hello', removesLocation: false },
    { location, removesLocation: false },
    { isListed: false, removesLocation: true },
  ]);
});

test('a picture goes to the module as bytes and comes back as a blob', async () => {
  const { sotto, asked } = page({ bytes: new Uint8Array([1, 2]), contentType: 'image/jpeg' });
  await sotto.setPicture(new Uint8Array([7]));
  await sotto.setCover(undefined);
  const picture = await sotto.profilePicture('id');
  expect(picture.type).toBe('image/jpeg');
  expect([...new Uint8Array(await picture.arrayBuffer())]).toEqual([1, 2]);
  expect(asked).toEqual([
    ['setPicture', new Uint8Array([7])],
    ['setCover', undefined],
    ['profilePicture', 'id'],
  ]);
});
