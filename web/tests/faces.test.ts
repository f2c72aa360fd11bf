import { screen, waitFor, within } from '@testing-library/svelte';
import type { Profile, Sotto } from '@sotto/client';
import { afterEach, expect, test, vi } from 'vitest';
import { Faces } from '../src/state/faces.svelte';
import { open } from './app';
import { FakeClient, problem } from './fake-client';
import { observers } from './setup';

afterEach(() => vi.useRealTimers());

/** A server that answers when it is told to. */
function slowServer() {
  const asked: string[] = [];
  const answers = new Map<string, (profile: Partial<Profile>) => void>();
  const refusals = new Map<string, (error: unknown) => void>();
  const profile = (name: string) => {
    asked.push(name);
    return new Promise((resolve, reject) => {
      answers.set(name, (more) => resolve({ account: `account-of-${name}`, name, ...more }));
      refusals.set(name, reject);
    });
  };
  return { asked, answers, refusals, faces: new Faces(Promise.resolve({ profile } as unknown as Sotto)) };
}

const called = (name: string) => ({ account: `account-of-${name}`, name });
const settled = () => new Promise((resolve) => setTimeout(resolve));

test('whoever is in view is read once, some at a time, the last first, and whoever has gone before is not', async () => {
  const { faces, asked, answers } = slowServer();
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const [, , , , hideE] = names.map((name) => faces.show(called(name)));
  const hideAgain = faces.show(called('a'));
  await settled();
  expect(asked).toEqual(['a', 'b', 'c', 'd']);
  hideE?.();
  hideAgain();
  answers.get('a')?.({ isBot: true, picture: { large: 'large-a', small: 'small-a' } });
  answers.get('b')?.({});
  await settled();
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'g', 'f']);
  expect(faces.of('account-of-a')).toMatchObject({ isBot: true, picture: { large: 'large-a', small: 'small-a' } });
  faces.show(called('a'));
  await settled();
  expect(asked).toHaveLength(6);
});

test('a name that has gone to somebody else shows nothing of theirs', async () => {
  const { faces, answers } = slowServer();
  faces.show(called('a'));
  await settled();
  answers.get('a')?.({ account: 'another', isBot: true, picture: { large: 'large', small: 'small' } });
  await settled();
  expect(faces.of('account-of-a')).toMatchObject({ isBot: false });
  expect(faces.of('account-of-a')?.picture).toBeUndefined();
});

test('a server that cannot be reached is asked again later, and one that knows nobody of this name is not', async () => {
  const { faces, asked, refusals } = slowServer();
  faces.show(called('gone'));
  faces.show(called('there'));
  await settled();
  refusals.get('gone')?.(problem('user-not-found'));
  refusals.get('there')?.(problem('offline'));
  await settled();
  faces.show(called('late'));
  await settled();
  expect(asked).toEqual(['gone', 'there']);
  faces.resume();
  await settled();
  expect(asked).toEqual(['gone', 'there', 'late', 'there']);
});

test('some hundred are remembered, not all, and none after another account has come', async () => {
  const { faces, asked, answers } = slowServer();
  faces.show(called('shown'));
  await settled();
  answers.get('shown')?.({ isBot: true });
  await settled();
  for (let index = 0; index < 600; index += 1) faces.keep({ ...called(`p${index}`), isBot: true } as Profile);
  const isKnown = (name: string) => faces.of(`account-of-${name}`) !== undefined;
  expect([isKnown('p0'), isKnown('p100'), isKnown('p101'), isKnown('p599')]).toEqual([false, false, true, true]);
  expect(isKnown('shown')).toBe(true);
  faces.show(called('asked'));
  await settled();
  faces.forget();
  answers.get('asked')?.({ isBot: true });
  await settled();
  expect([isKnown('shown'), isKnown('asked')]).toEqual([false, false]);
  expect(asked).toContain('asked');
});

test('pictures and bots show in the list of chats once they are in view, and of strangers no picture', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob').knows('weather').knows('mallory');
  client.profiles.set('bob', { picture: { large: 'large-bob', small: 'small-bob' } });
  client.profiles.set('weather', { isBot: true });
  client.profiles.set('mallory', { isBot: true, picture: { large: 'large-mallory', small: 'small-mallory' } });
  client.said('bob', 'hello');
  client.said('weather', 'rain');
  client.requested('mallory');
  open(client, '/');
  const bob = await screen.findByRole('link', { name: /bob/ });
  expect(client.calls.some((call) => call.startsWith('profile '))).toBe(false);
  for (const show of [...observers]) show();
  const weather = screen.getByRole('link', { name: /weather/ });
  await within(weather).findByText('Bot');
  await waitFor(() => expect(bob.querySelector('img')?.getAttribute('src')).toBe('/v1/picture/small-bob'));
  expect(within(bob).queryByText('Bot')).toBeNull();
  // A picture that cannot be had leaves the letter.
  bob.querySelector('img')?.dispatchEvent(new Event('error'));
  await waitFor(() => expect(bob.querySelector('img')).toBeNull());
  const mallory = screen.getByRole('link', { name: /mallory/ });
  await within(mallory).findByText('Bot');
  expect(mallory.querySelector('img')).toBeNull();
  mallory.click();
  await screen.findByRole('button', { name: 'Accept' });
  const main = screen.getByRole('main');
  expect(main.querySelector('img')).toBeNull();
  screen.getByRole('button', { name: 'Accept' }).click();
  await waitFor(() => expect(main.querySelector('img')?.getAttribute('src')).toMatch('mallory'));
});

test('members of groups have their pictures, beside what they say too, and bots their mark', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('alice').knows('weather');
  client.profiles.set('weather', { isBot: true, picture: { large: 'large', small: 'small-weather' } });
  client.hasGroup('garden', { title: 'Garden', roles: { alice: 'owner', weather: 'member' } });
  client.saidIn('garden', 'weather', 'It will rain.');
  const chat = open(client, '/group/garden');
  await waitFor(() => within(screen.getByRole('main')).getByText('It will rain.'));
  const said = screen.getByRole('main');
  for (const show of [...observers]) show();
  await within(said).findByText('Bot');
  await waitFor(() => expect(said.querySelector('img[src*=small-weather]')).not.toBeNull());
  chat.unmount();
  open(client, '/group/garden/about');
  const members = await screen.findByRole('list', { name: '2 people' });
  for (const show of [...observers]) show();
  await within(members).findByText('Bot');
  expect(members.querySelector('img')?.getAttribute('src')).toBe('/v1/picture/small-weather');
});
