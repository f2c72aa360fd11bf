import { expect, test } from 'vitest';
import type { Client } from '../src/calls.js';
import { overWasm } from '../src/over-wasm.js';
import { sottoOf } from '../src/sotto.js';
import { Profile } from './profile.js';

type Module = Parameters<typeof overWasm>[0];

const location = { latitude: 48.1, longitude: 11.6 };

/** A page, and what the compiled module was asked by it. */
function page(...names: string[]) {
  const asked: unknown[][] = [];
  const calls = names.map((name) => [
    name,
    (...given: unknown[]) => {
      asked.push([name, ...given]);
      return Promise.resolve({});
    },
  ]);
  const client = overWasm(Object.fromEntries(calls) as Module);
  const browser = new Profile();
  browser.worker(() => Promise.resolve({ ...client, setActive: () => Promise.resolve() } as Client));
  return { sotto: sottoOf(browser.tab()), asked };
}

test('a place that is absent stays, and null alone takes it away', async () => {
  const { sotto, asked } = page('updateCommunity');
  await sotto.updateCommunity('choir', { title: 'Band' });
  await sotto.updateCommunity('choir', { location });
  await sotto.updateCommunity('choir', { location: null });
  expect(asked).toEqual([
    ['updateCommunity', 'choir', { title: 'Band', removesLocation: false }],
    ['updateCommunity', 'choir', { location, removesLocation: false }],
    ['updateCommunity', 'choir', { removesLocation: true }],
  ]);
});

test('what is looked for and what is done goes to the module as it is', async () => {
  const { sotto, asked } = page(
    'searchCommunities',
    'newCommunities',
    'foundCommunity',
    'setCommunityRole',
    'banFromCommunity',
    'setCommunityPicture',
  );
  await sotto.searchCommunities({ text: 'choir', topic: 'music', near: location, withinKm: 20 }, 'next');
  await sotto.newCommunities(location, 7);
  await sotto.foundCommunity({ title: 'Choir', topics: ['music'] });
  await sotto.setCommunityRole('choir', 'ada', 'moderator');
  await sotto.banFromCommunity('choir', 'ada');
  await sotto.setCommunityPicture('choir', undefined);
  expect(asked).toEqual([
    ['searchCommunities', { text: 'choir', topic: 'music', near: location, withinKm: 20 }, 'next'],
    ['newCommunities', location, 7, undefined],
    ['foundCommunity', { title: 'Choir', topics: ['music'] }],
    ['setCommunityRole', 'choir', 'ada', 'moderator'],
    ['banFromCommunity', 'choir', 'ada'],
    ['setCommunityPicture', 'choir', undefined],
  ]);
});
