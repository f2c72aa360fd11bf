import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { open, press, type } from './app';
import { FakeClient, problem } from './fake-client';
import type { FakeGroupOptions } from './fake-group';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob').knows('carol').knows('dan');
}

/** Alice, in a group with bob and carol. */
function inGroup(options: FakeGroupOptions = {}): FakeClient {
  return alice().hasGroup('rowing', {
    title: 'Rowing',
    description: 'Every Sunday',
    roles: { alice: 'owner', bob: 'admin', carol: 'member' },
    ...options,
  });
}

const shown = () => screen.queryAllByText(/./, { selector: '.text' }).map((element) => element.textContent);
const click = async (name: string | RegExp) => (await screen.findByRole('button', { name })).click();
const choose = (file: File) => {
  const input = screen.getByLabelText(/^Choose/);
  Object.defineProperty(input, 'files', { value: [file] });
  input.dispatchEvent(new Event('change', { bubbles: true }));
};
/** What jsdom cannot do: reading a picture, or not, and drawing it. */
const drawing = (isPicture = true) => {
  vi.stubGlobal('createImageBitmap', async () => {
    if (!isPicture) throw new DOMException('no picture');
    return { width: 800, height: 600, close: () => undefined };
  });
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      getContext = () => ({ drawImage: () => undefined });
      convertToBlob = async () => new Blob([new Uint8Array(64)], { type: 'image/webp' });
    },
  );
};
const dialog = async (name: string) => within(await screen.findByRole('dialog', { name }));

afterEach(() => vi.unstubAllGlobals());

test('the list shows direct chats, groups and notes, each with its page', async () => {
  const client = inGroup().hasGroup('untold', { roles: { bob: 'owner', alice: 'member' } });
  client.said('bob', 'hi', { at: 4 });
  client.saidIn('rowing', 'carol', 'who has the oars?', { at: 3 });
  const notes = await client.notes();
  client.saidIn(notes, 'alice', 'buy oars', { at: 2 });
  open(client, '/');
  const list = within(await screen.findByRole('region', { name: 'Your chats' }));
  const rowing = await list.findByRole('link', { name: /Rowing/ });
  expect(rowing.getAttribute('href')).toBe('/group/rowing');
  expect(rowing.textContent).toMatch(/carol: +who has the oars\?/);
  expect(list.getByRole('link', { name: /^Group/ }).getAttribute('href')).toBe('/group/untold');
  const own = list.getByRole('link', { name: /Notes to yourself.*buy oars/ });
  expect(own.getAttribute('href')).toBe('/notes');
  expect(own.textContent).not.toContain('You:');
});

test('in a group the messages of others carry their names, and what is said goes to the group', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'bob', 'one');
  client.saidIn('rowing', 'bob', 'two');
  client.saidIn('rowing', 'carol', 'three');
  client.saidIn('rowing', 'alice', 'mine');
  open(client, '/group/rowing');
  await waitFor(() => expect(shown()).toEqual(['one', 'two', 'three', 'mine']));
  // Once for each run of messages, and not on one's own.
  expect(screen.getAllByText('bob', { selector: '.author *' })).toHaveLength(1);
  expect(screen.getAllByText('carol', { selector: '.author *' })).toHaveLength(1);
  expect(screen.queryByText('alice', { selector: '.author *' })).toBeNull();
  const field = await screen.findByLabelText('Message to Rowing');
  type(field, 'four');
  press(field, 'Enter');
  await waitFor(() => expect(shown()).toEqual(['one', 'two', 'three', 'mine', 'four']));
});

test('what changes in the group stands between the messages, and is spoken', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'bob', 'hello');
  open(client, '/group/rowing');
  await waitFor(() => expect(shown()).toEqual(['hello']));
  client.changed('rowing', 'bob', [{ kind: 'added', who: client.accountOf('dan') }]);
  await screen.findByText('bob has added dan.', { selector: 'p' });
  await screen.findByText('bob has added dan.', { selector: '[role=status]' });
});

test('a name that becomes known later takes its place', async () => {
  const client = inGroup();
  const nameless = client.saidIn('rowing', 'dan', 'hello', { from: { account: 'account-of-dan', name: '' } });
  open(client, '/group/rowing');
  await screen.findByText('Somebody', { selector: '.author *' });
  client.renames(nameless, 'dan');
  await screen.findByText('dan', { selector: '.author *' });
});

test('a group that one is in no more can be read, and says why nothing can be written', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'bob', 'goodbye');
  open(client, '/group/rowing');
  await screen.findByLabelText('Message to Rowing');
  await client.leaveGroup('rowing');
  await screen.findByText(/You are not in this group any more/);
  expect(screen.queryByRole('textbox')).toBeNull();
  await waitFor(() => expect(shown()).toEqual(['goodbye']));
});

test('at the address of a group that one is not in, one can join it if it is open', async () => {
  const client = alice()
    .hasGroup('closed', { isKnown: false, roles: { bob: 'owner' } })
    .hasGroup('open', { title: 'Bakers', isKnown: false, joinPolicy: { kind: 'open' }, roles: { bob: 'owner' } });
  const first = open(client, '/group/closed');
  await click('Join the group');
  await screen.findByText('This group is not open, but you can ask to be let in.');
  await click('Ask to join');
  await screen.findByText(/^You have asked/);
  await click(/Withdraw/);
  await screen.findByRole('button', { name: 'Ask to join' });
  expect(client.calls).toContain('withdrawJoinRequest closed');
  first.unmount();
  open(client, '/group/open');
  await click('Join the group');
  await screen.findByRole('heading', { level: 1, name: 'Bakers' });
  await screen.findByLabelText('Message to Bakers');
});

test('notes begin with the first note', async () => {
  const client = alice();
  open(client, '/notes');
  const field = await screen.findByLabelText('Message to yourself');
  expect(client.calls).not.toContain('notes');
  type(field, 'buy oars');
  press(field, 'Enter');
  await waitFor(() => expect(shown()).toEqual(['buy oars']));
  expect(client.calls).toContain('notes');
});

test('listed groups are found, and an open one is joined', async () => {
  const client = inGroup({ isListed: true })
    .hasGroup('bakers', {
      title: 'Rowan bakers',
      isListed: true,
      isKnown: false,
      joinPolicy: { kind: 'open' },
      roles: { bob: 'owner' },
    })
    .hasGroup('bees', { title: 'Rows of hives', isListed: true, isKnown: false, roles: { bob: 'owner' } });
  open(client, '/groups');
  within(await screen.findByRole('list', { name: 'Your groups' })).getByRole('link', { name: 'Rowing' });
  type(screen.getByRole('searchbox', { name: 'Search listed groups' }), 'row');
  await screen.findByText('3 groups found');
  const found = within(screen.getByRole('list', { name: 'Groups found' }));
  found.getByRole('link', { name: /Rowing.*You are in it/ });
  expect(found.getAllByRole('button').map((button) => button.textContent.replace(/\s+/g, ' ').trim())).toEqual([
    'Join Rowan bakers',
    'Ask to join Rows of hives',
  ]);
  found.getByRole('button', { name: /^Join/ }).click();
  await screen.findByLabelText('Message to Rowan bakers');
  expect(location.pathname).toBe('/group/bakers');
});

test('a group is made with what was entered, and opens', async () => {
  const client = alice();
  client.said('carol', 'hi');
  open(client, '/groups/new');
  await click('Create the group');
  const title = screen.getByLabelText('Title');
  await waitFor(() => expect(title.getAttribute('aria-invalid')).toBe('true'));
  expect(document.activeElement).toBe(title);
  expect(client.calls.some((call) => call.startsWith('createGroup'))).toBe(false);

  type(title, '  Rowing ');
  type(screen.getByLabelText('Description'), 'Every Sunday');
  type(screen.getByRole('searchbox', { name: 'Search people to add' }), 'bo');
  await click(/^Add bob/);
  type(screen.getByRole('searchbox', { name: 'Search people to add' }), '');
  await click(/^Add carol/);
  within(screen.getByRole('list', { name: 'People to add' }))
    .getByRole('button', { name: /bob/ })
    .click();
  screen.getByRole('radio', { name: 'Anyone can join' }).click();
  screen.getByRole('radio', { name: 'Everybody on this server' }).click();
  screen.getByRole('radio', { name: 'Deleted after a week' }).click();
  await click('Create the group');
  await screen.findByRole('heading', { level: 1, name: 'Rowing' });
  const created = client.calls.find((call) => call.startsWith('createGroup'))?.slice('createGroup '.length);
  expect(JSON.parse(created ?? '')).toEqual({
    title: 'Rowing',
    description: 'Every Sunday',
    size: 'normal',
    joinPolicy: { kind: 'open' },
    isListed: true,
    retention: { kind: 'for', seconds: 7 * 86_400 },
    members: ['carol'],
  });
});

test('a group into which several members let people says how many', async () => {
  const client = alice();
  open(client, '/groups/new');
  type(await screen.findByLabelText('Title'), 'Rowing');
  screen.getByRole('radio', { name: 'People ask, and several members approve' }).click();
  const count = await screen.findByLabelText<HTMLSelectElement>('How many members have to approve?');
  expect(count.value).toBe('2');
  count.value = '3';
  count.dispatchEvent(new Event('change', { bubbles: true }));
  await click('Create the group');
  await screen.findByRole('heading', { level: 1, name: 'Rowing' });
  expect(client.calls.find((call) => call.startsWith('createGroup'))).toContain(
    '"joinPolicy":{"kind":"approval","by":{"kind":"members","count":3}}',
  );
});

test('a group that could not be made says why, and nothing that was entered is lost', async () => {
  const client = alice();
  client.failures.set('createGroup', problem('unreachable'));
  open(client, '/groups/new');
  type(await screen.findByLabelText('Title'), 'Rowing');
  await click('Create the group');
  await screen.findByText(/cannot be reached/);
  expect((screen.getByLabelText('Title') as HTMLInputElement).value).toBe('Rowing');
});

test('the page of a group shows what it is and who is in it', async () => {
  open(inGroup({ joinPolicy: { kind: 'open' }, isListed: true }), '/group/rowing/about');
  await screen.findByRole('heading', { level: 1, name: 'Rowing' });
  screen.getByText('Every Sunday');
  screen.getByText('Anyone can join');
  screen.getByText('Everybody on this server');
  const members = within(screen.getByRole('list', { name: '3 people' })).getAllByRole('listitem');
  expect(members.map((member) => member.textContent.replace(/\s+/g, ' ').trim())).toEqual([
    'A alice (you) Owner',
    'B bob Admin',
    'C carol',
  ]);
});

const readers = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`reader${index}`, 'member' as const]));
const members = (count: string) => within(screen.getByRole('list', { name: count })).queryAllByRole('listitem');

test('of many members one page is shown, and the next in its place', async () => {
  open(inGroup({ roles: { alice: 'owner', ...readers(120) } }), '/group/rowing/about');
  await screen.findByRole('list', { name: '121 people' });
  const pages = within(screen.getByRole('navigation', { name: 'Pages of members' }));
  for (const [words, length] of [
    ['1–50 of 121', 50],
    ['51–100 of 121', 50],
    ['101–121 of 121', 21],
  ] as const) {
    await pages.findByText(words);
    expect(members('121 people')).toHaveLength(length);
    await click('Next');
  }
  // There is none after the last: the button stays where it is, so that the focus does.
  expect(pages.getByRole('button', { name: 'Next' }).getAttribute('aria-disabled')).toBe('true');
  await click('Previous');
  await pages.findByText('51–100 of 121');
});

test('a group of a thousand draws no more rows than a page has', async () => {
  open(inGroup({ roles: { alice: 'owner', ...readers(999) } }), '/group/rowing/about');
  await screen.findByRole('list', { name: '1,000 people' });
  expect(members('1,000 people')).toHaveLength(50);
});

test('a member is found by a part of the name, from whatever page one is on', async () => {
  const client = inGroup({ roles: { alice: 'owner', ...readers(120) } });
  for (const name of Object.keys(readers(120))) client.knows(name);
  open(client, '/group/rowing/about');
  await screen.findByRole('list', { name: '121 people' });
  await click('Next');
  const field = screen.getByRole('searchbox', { name: 'Find a member by name' });
  type(field, 'READER11');
  // reader11, and reader110 to reader119.
  await waitFor(() => expect(members('121 people')).toHaveLength(11));
  screen.getByText('11 people found');
  expect(screen.queryByRole('navigation', { name: 'Pages of members' })).toBeNull();
  type(field, 'nobody');
  await screen.findByText(/^Nobody whose name is known here/);
  type(field, '');
  await screen.findByText('1–50 of 121');
});

test('while others are looked for, the owner who is not shown is not thought gone', async () => {
  const client = inGroup({ roles: { bob: 'owner', alice: 'admin', ...readers(60) } });
  for (const name of Object.keys(readers(60))) client.knows(name);
  open(client, '/group/rowing/about');
  await screen.findByRole('list', { name: '62 people' });
  type(screen.getByRole('searchbox', { name: 'Find a member by name' }), 'alice');
  await waitFor(() => expect(members('62 people')).toHaveLength(1));
  expect(screen.queryByRole('button', { name: 'Take the group over' })).toBeNull();
});

test('in a group of a few nobody is looked for by name', async () => {
  open(inGroup(), '/group/rowing/about');
  await screen.findByRole('list', { name: '3 people' });
  expect(screen.queryByRole('searchbox')).toBeNull();
});

test('how many are still being added is said', async () => {
  open(inGroup({ adding: 700 }), '/group/rowing/about');
  await screen.findByText('700 people more are being added…');
});

test('members of a large group are told what it lacks, and those of another nothing', async () => {
  const first = open(inGroup({ size: 'large' }), '/group/rowing/about');
  await screen.findByText(/^A large group is not protected against a later quantum computer/);
  first.unmount();
  open(inGroup(), '/group/rowing/about');
  await screen.findByRole('list', { name: '3 people' });
  expect(screen.queryByText(/quantum/)).toBeNull();
});

test('whoever makes a large group is told before what it lacks', async () => {
  const client = alice();
  open(client, '/groups/new');
  type(await screen.findByLabelText('Title'), 'Town');
  expect(screen.queryByText(/not protected against a later quantum computer/)).toBeNull();
  screen.getByRole('radio', { name: 'Up to 2,000 devices' }).click();
  await screen.findByText(/^A large group is not protected against a later quantum computer/);
  await click('Create the group');
  await screen.findByRole('heading', { level: 1, name: 'Town' });
  expect(client.calls.find((call) => call.startsWith('createGroup'))).toContain('"size":"large"');
});

test('a plain member sees no button that the group would refuse', async () => {
  open(inGroup({ roles: { bob: 'owner', carol: 'admin', alice: 'member' } }), '/group/rowing/about');
  await click('About bob');
  const about = await dialog('bob');
  about.getByRole('link', { name: 'Write to bob' });
  expect(about.queryByRole('button', { name: /Remove|Make/ })).toBeNull();
  for (const name of ['Rename…', 'Who gets in…', 'Add people…', 'Delete the group']) {
    expect(screen.queryByRole('button', { name })).toBeNull();
  }
  screen.getByRole('button', { name: 'Leave the group' });
});

test('an admin removes members, and nobody who holds an office', async () => {
  const client = inGroup({ roles: { bob: 'owner', alice: 'admin', carol: 'admin', dan: 'member' } });
  open(client, '/group/rowing/about');
  await click('About carol');
  expect((await dialog('carol')).queryByRole('button', { name: /Remove|Make/ })).toBeNull();
  (await dialog('carol')).getByRole('button', { name: 'Close' }).click();
  await click('About dan');
  (await dialog('dan')).getByRole('button', { name: 'Remove and ban…' }).click();
  await click('Remove and ban dan');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(client.calls).toContain('removeFromGroup account-of-dan true');
  await screen.findByRole('list', { name: '3 people' });
});

test('the owner appoints, and hands the group on only after being asked', async () => {
  const client = inGroup();
  open(client, '/group/rowing/about');
  await click('About carol');
  (await dialog('carol')).getByRole('button', { name: 'Make an admin' }).click();
  await waitFor(() =>
    expect(client.calls).toContain('setGroup {"roles":[{"account":"account-of-carol","role":"admin"}]}'),
  );
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await click('About bob');
  (await dialog('bob')).getByRole('button', { name: 'Make the owner…' }).click();
  await screen.findByText(/You become an admin/);
  await click('Make bob the owner');
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Delete the group' })).toBeNull());
});

test('a group whose owner is gone can be taken over', async () => {
  const client = inGroup({ roles: { bob: 'member', alice: 'admin' } });
  open(client, '/group/rowing/about');
  await click('Take the group over');
  await click('Become the owner');
  await screen.findByRole('button', { name: 'Delete the group' });
  expect(client.calls).toContain('setGroup {"roles":[{"account":"account-of-alice","role":"owner"}]}');
});

test('people are added, and who is banned has to be let in again first', async () => {
  const client = inGroup({ banned: ['dan'] });
  open(client, '/group/rowing/about');
  await click('Add people…');
  const adding = await dialog('Add people');
  type(adding.getByRole('searchbox'), 'dan');
  (await adding.findByRole('button', { name: 'Lift the ban on dan' })).click();
  (await adding.findByRole('button', { name: /^Add dan/ })).click();
  client.failures.set('addToGroup', problem('membership-refused'));
  (await adding.findByRole('button', { name: 'Add 1 person' })).click();
  expect((await adding.findByRole('alert')).textContent).toMatch(/does not allow that/);
  adding.getByRole('button', { name: 'Add 1 person' }).click();
  await screen.findByRole('list', { name: '4 people' });
  expect(client.calls).toContain('setGroup {"unbanned":["account-of-dan"]}');
  expect(client.calls).toContain('addToGroup dan');
});

test('who asks to join is shown to those who can let them in, and let in or declined', async () => {
  const client = inGroup({ joinPolicy: { kind: 'approval', by: { kind: 'any-admin' } } }).asks('dan', 'rowing');
  client.knows('erin');
  open(client, '/group/rowing');
  (await screen.findByRole('link', { name: '1 person asks to join' })).click();
  await screen.findByRole('list', { name: 'People who ask to join' });
  client.asks('erin', 'rowing');
  await click('Decline erin');
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Decline erin' })).toBeNull());
  await waitFor(() => expect(screen.getByRole('button', { name: 'Let in dan' }).hasAttribute('disabled')).toBe(false));
  await click('Let in dan');
  await screen.findByRole('list', { name: '4 people' });
  expect(screen.queryByRole('list', { name: 'People who ask to join' })).toBeNull();
  expect(client.calls).toContain('declineJoinRequest account-of-erin');
});

test('where several have to approve, it is said how many have', async () => {
  const policy = { kind: 'approval', by: { kind: 'members', count: 2 } } as const;
  const client = inGroup({ joinPolicy: policy, roles: { bob: 'owner', alice: 'member' } }).asks('dan', 'rowing');
  open(client, '/group/rowing/about');
  await screen.findByText(/0 of 2 have approved/);
  await click('Approve dan');
  await screen.findByText('You have approved');
  screen.getByText(/1 of 2 have approved/);
});

test('who cannot let anybody in is not told who asks', async () => {
  const policy = { kind: 'approval', by: { kind: 'any-admin' } } as const;
  const client = inGroup({ joinPolicy: policy, roles: { bob: 'owner', alice: 'member' } }).asks('dan', 'rowing');
  open(client, '/group/rowing/about');
  await screen.findByRole('list', { name: '2 people' });
  expect(client.calls).not.toContain('joinRequests');
});

test('title and description are changed, and it is said if this browser cannot', async () => {
  const client = inGroup();
  open(client, '/group/rowing/about');
  await click('Rename…');
  type(screen.getByLabelText('Title'), 'Sculling');
  client.failures.set('describeGroup', problem('no-group-key'));
  await click('Save');
  expect((await screen.findByRole('alert')).textContent).toMatch(/does not have the group’s key yet/);
  await click('Save');
  await screen.findByRole('heading', { level: 1, name: 'Sculling' });
  expect(client.calls).toContain('describeGroup Sculling / Every Sunday');
});

test('a picture is chosen, seen before it is used, shown wherever the group is, and taken away', async () => {
  drawing();
  const client = inGroup();
  open(client, '/group/rowing/about');
  await click('Picture…');
  const file = new File(['a photograph'], 'river.jpg', { type: 'image/jpeg' });
  choose(file);
  expect((await screen.findByRole('img', { name: 'What you have chosen' })).getAttribute('src')).toBe('blob:64-bytes');
  await click('Use this picture');
  await waitFor(() => expect(document.querySelector('header img')?.getAttribute('src')).toBe('blob:64-bytes'));
  expect(client.calls).toContain('setGroupPicture 64 bytes');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await click('Picture…');
  await click('Remove the picture');
  await waitFor(() => expect(document.querySelector('header img')).toBeNull());
  expect(client.calls).toContain('setGroupPicture none');
});

test('a file that is no picture is not used', async () => {
  drawing(false);
  open(inGroup(), '/group/rowing/about');
  await click('Picture…');
  choose(new File(['a letter'], 'letter.jpg'));
  expect((await screen.findByRole('alert')).textContent).toMatch(/no picture/);
  expect(screen.getByRole('button', { name: 'Use this picture' })).toHaveProperty('disabled', true);
});

test('only what was changed of the rules is sent, and a group that becomes listed is published', async () => {
  const client = inGroup();
  open(client, '/group/rowing/about');
  await click('Who gets in…');
  screen.getByRole('radio', { name: 'Everybody on this server' }).click();
  await click('Save');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(client.calls).toContain('setGroup {"isListed":true}');
  expect(client.calls).toContain('describeGroup Rowing / Every Sunday');
  await screen.findByText('Everybody on this server');
});

test('leaving and deleting are asked about first', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'bob', 'see you');
  open(client, '/group/rowing/about');
  await click('Delete the group');
  (await dialog('Delete the group?')).getByRole('button', { name: 'Cancel' }).click();
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(client.calls).not.toContain('deleteGroup');
  await click('Leave the group');
  (await dialog('Leave the group?')).getByRole('button', { name: 'Leave the group' }).click();
  await waitFor(() => expect(location.pathname).toBe('/group/rowing'));
  await screen.findByText(/You are not in this group any more/);
  expect(client.calls).toContain('leaveGroup');
});

test('a chat that is opened while the list is being read shows what was read then', async () => {
  const client = inGroup();
  open(client, '/group/rowing/about');
  await screen.findByRole('button', { name: 'Delete the group' });
  const chats = client.chats.bind(client);
  let goOn = () => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  vi.spyOn(client, 'chats').mockImplementation(async () => {
    await held;
    return chats();
  });
  await client.deleteGroup('rowing');
  screen.getByRole('link', { name: /Back/ }).click();
  await screen.findByRole('textbox', { name: /Message/ });
  goOn();
  await screen.findByText(/You are not in this group any more/);
});

test('an address that is no group says so', async () => {
  open(alice(), '/group/nowhere/about');
  await screen.findByRole('heading', { level: 1, name: 'No such group' });
});

test('what could not be done after a restart is said on whatever page is open', async () => {
  const client = inGroup();
  open(client, '/settings');
  await screen.findByRole('heading', { level: 1, name: 'Settings' });
  await screen.findByRole('link', { name: /Rowing/ });
  client.failsIn('rowing', 'membership-refused');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toMatch(/“Rowing” could not be done\. The group does not allow that/);
  within(alert).getByRole('button', { name: 'Close' }).click();
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});
