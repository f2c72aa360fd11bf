import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { OwnHistory } from '../src/state/own-history.svelte';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';
import { addresses } from './setup';

const PATH = '/settings/history';
const PASSPHRASE = 'kornblumen und quittenmus';

/** Two chats with `count` messages in all. */
function alice(count = 10): FakeClient {
  const client = new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
  for (let index = 1; index < count; index += 1) client.said('bob', `number ${index}`, { own: index % 2 === 0 });
  client.said('carol', 'hello');
  return client;
}

const part = async (name: 'Export' | 'Bring back') => within(await screen.findByRole('region', { name }));
const click = async (within: 'Export' | 'Bring back', name: string | RegExp) => {
  const button = await (await part(within)).findByRole<HTMLButtonElement>('button', { name });
  button.focus();
  button.click();
};

async function give(passphrase: string, repeated = passphrase): Promise<void> {
  const form = await part('Export');
  type(await form.findByLabelText('Passphrase'), passphrase);
  type(form.getByLabelText('Passphrase, once more'), repeated);
}

async function exportNow(): Promise<void> {
  await give(PASSPHRASE);
  await click('Export', 'Export');
}

const textOf = async (file: Blob) => new TextDecoder().decode(await file.arrayBuffer());
const saved = async () => (await part('Export')).findByRole<HTMLAnchorElement>('link', { name: /^Save / });

/** An encrypted export, as it was saved. */
async function exportOf(client: FakeClient): Promise<File> {
  const { file, name } = await client.exportHistory({ format: 'encrypted', passphrase: PASSPHRASE });
  return new File([await file.arrayBuffer()], name);
}

async function choose(...files: File[]): Promise<void> {
  const field = await (await part('Bring back')).findByLabelText(/^Choose a/);
  Object.defineProperty(field, 'files', { value: files, configurable: true });
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

async function importNow(file: File, passphrase = PASSPHRASE): Promise<void> {
  await choose(file);
  type(await (await part('Bring back')).findByLabelText('Its passphrase'), passphrase);
  await click('Bring back', 'Bring back');
}

test('an encrypted export is saved under its name, and says what is in it', async () => {
  const client = alice();
  open(client, PATH);
  await exportNow();
  const link = await saved();
  expect(link.download).toMatch(/^sotto-alice-\d{4}-\d\d-\d\d\.sotto$/);
  expect(link.textContent).toContain(link.download);
  expect(addresses.has(link.href)).toBe(true);
  (await part('Export')).getByText(/2 chats, 10 messages\./, { selector: 'p' });
  expect(client.calls).toContain(`exportHistory {"format":"encrypted","passphrase":"${PASSPHRASE}"}`);
  await click('Export', 'I have it');
  await (await part('Export')).findByLabelText('Passphrase');
});

test('a passphrase that is too short, or typed differently the second time, exports nothing', async () => {
  const client = alice();
  open(client, PATH);
  await give('too short');
  await click('Export', 'Export');
  await screen.findByText(/It needs at least 12 characters/);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Passphrase')));
  await give(PASSPHRASE, `${PASSPHRASE}!`);
  await click('Export', 'Export');
  await screen.findByText('The two passphrases are not the same.');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Passphrase, once more')));
  expect(client.calls.some((call) => call.startsWith('exportHistory'))).toBe(false);
});

test('a passphrase that is shown is typed once', async () => {
  const client = alice();
  open(client, PATH);
  (await (await part('Export')).findByRole('button', { name: 'Show the passphrase' })).click();
  await waitFor(() => expect(screen.queryByLabelText('Passphrase, once more')).toBeNull());
  type(screen.getByLabelText('Passphrase'), PASSPHRASE);
  await click('Export', 'Export');
  await saved();
});

test('a readable export warns that it is not encrypted, needs no passphrase, and comes with files or without', async () => {
  const client = alice();
  const kept = client.filed('bob', { name: 'kept.txt' }, new Blob(['kept']));
  client.losesFile(client.filed('bob', { name: 'gone.txt' }, new Blob(['gone'])));
  open(client, PATH);
  (await screen.findByRole('radio', { name: 'To read (web pages and JSON)' })).click();
  await screen.findByText('This export is not encrypted.');
  expect(screen.queryByLabelText('Passphrase')).toBeNull();
  await click('Export', 'Export');
  expect((await saved()).download).toMatch(/\.zip$/);
  (await part('Export')).getByText(/12 messages, 1 file\./, { selector: 'p' });
  (await part('Export')).getByText(/One file could not be fetched/);
  await click('Export', 'I have it');
  (await screen.findByRole('radio', { name: 'Messages alone' })).click();
  await click('Export', 'Export');
  await saved();
  expect(client.calls.filter((call) => call.startsWith('exportHistory'))).toEqual([
    'exportHistory {"format":"readable","withFiles":true}',
    'exportHistory {"format":"readable","withFiles":false}',
  ]);
  expect(client.now(kept).body.kind).toBe('file');
});

test('messages that a file would keep from vanishing are said to be in no export, and are in none', async () => {
  const client = alice();
  client.said('bob', 'for an hour', { retention: { kind: 'for', seconds: 3600 } });
  open(client, PATH);
  await screen.findByText(/Messages that vanish and fleeting ones are never in it/);
  const { file } = await client.exportHistory({ format: 'encrypted', passphrase: PASSPHRASE });
  const text = await textOf(file);
  expect([text.includes('number 3'), text.includes('for an hour')]).toEqual([true, false]);
});

test('it says how far it is, aloud in steps of ten, and the focus is never lost', async () => {
  const client = alice(1000);
  client.batch = 111;
  client.holdsExports = true;
  open(client, PATH);
  await screen.findByRole('heading', { name: 'Export' });
  expect(document.activeElement).toBe(document.body);
  await exportNow();
  const form = await part('Export');
  const bar = await form.findByRole<HTMLProgressElement>('progressbar');
  await form.findByText('0 of 1,000 messages');
  await waitFor(() => expect(document.activeElement).toBe(form.getByRole('group', { name: 'Writing your export…' })));
  for (let step = 0; step < 3; step += 1) await client.goesOn();
  await form.findByText('333 of 1,000 messages');
  expect(bar.value).toBe(33);
  expect(form.getByRole('status').textContent).toBe('30 percent');
  client.holdsExports = false;
  await client.goesOn();
  const link = await saved();
  await waitFor(() => expect(document.activeElement).toBe(link));
  expect(form.getByRole('status').textContent).toBe('Your export is ready: 2 chats, 1,000 messages.');
});

test('files are counted beside messages', async () => {
  const client = alice();
  for (const name of ['a', 'b']) client.filed('bob', { name }, new Blob([name]));
  client.holdsExports = true;
  open(client, PATH);
  (await screen.findByRole('radio', { name: 'To read (web pages and JSON)' })).click();
  await click('Export', 'Export');
  for (const words of ['0 of 12 messages, 0 of 2 files', '12 of 12 messages, 1 of 2 files']) {
    await waitFor(async () => {
      if (!screen.queryByText(words)) await client.goesOn();
      screen.getByText(words);
    });
  }
});

test('an export that is cancelled ends, leaves nothing to save, and what was chosen is there still', async () => {
  const client = alice();
  client.holdsExports = true;
  open(client, PATH);
  await exportNow();
  await click('Export', 'Cancel');
  const again = await (await part('Export')).findByRole('button', { name: 'Export' });
  await waitFor(() => expect(document.activeElement).toBe(again));
  expect((await part('Export')).getByRole('status').textContent).toBe('The export was stopped.');
  expect(screen.getByLabelText<HTMLInputElement>('Passphrase').value).toBe(PASSPHRASE);
  expect(screen.queryByRole('link', { name: /^Save/ })).toBeNull();
});

test('an export goes on while one is elsewhere, says there that it is ready, and is found again', async () => {
  const client = alice();
  client.holdsExports = true;
  open(client, PATH);
  await exportNow();
  await (await part('Export')).findByText('0 of 10 messages');
  within(screen.getByRole('main')).getByRole('link', { name: 'Settings' }).click();
  await screen.findByRole('heading', { name: 'Settings' });
  client.holdsExports = false;
  await client.goesOn();
  (await screen.findByRole('link', { name: 'Save it' })).click();
  expect((await saved()).download).toMatch(/\.sotto$/);
  expect(screen.queryByRole('link', { name: 'Save it' })).toBeNull();
  // Who has looked is not told again.
  within(screen.getByRole('main')).getByRole('link', { name: 'Settings' }).click();
  await screen.findByRole('heading', { name: 'Settings' });
  expect(screen.queryByRole('link', { name: 'Save it' })).toBeNull();
});

test('one that is under way is shown where it is to whoever comes back', async () => {
  const client = alice();
  client.batch = 5;
  client.holdsExports = true;
  open(client, PATH);
  await exportNow();
  await (await part('Export')).findByText('0 of 10 messages');
  within(screen.getByRole('main')).getByRole('link', { name: 'Settings' }).click();
  await screen.findByRole('heading', { name: 'Settings' });
  await client.goesOn();
  (await screen.findByRole('link', { name: 'Your history' })).click();
  await screen.findByText(/[1-9] of 10 messages/);
  expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Your history' }));
  await click('Export', 'Cancel');
  await (await part('Export')).findByRole('button', { name: 'Export' });
});

test('the browser asks before the tab is closed while it is needed, and at no other time', async () => {
  const client = alice();
  client.holdsExports = true;
  const asks = () => !dispatchEvent(new Event('beforeunload', { cancelable: true }));
  open(client, PATH);
  await exportNow();
  await waitFor(() => expect(asks()).toBe(true));
  await click('Export', 'Cancel');
  await waitFor(() => expect(asks()).toBe(false));
});

test('whoever logs out leaves no export behind', async () => {
  const client = alice();
  open(client, PATH);
  await exportNow();
  await saved();
  await client.logOut();
  await screen.findByRole('heading', { name: 'Welcome back' });
  await client.logIn('alice', '');
  history.pushState(null, '', PATH);
  dispatchEvent(new PopStateEvent('popstate'));
  await (await part('Export')).findByRole('button', { name: 'Export' });
  expect(screen.queryByRole('link', { name: /^Save/ })).toBeNull();
});

test('a logout of which this tab did not hear leaves no export behind, and another tab that takes over leaves it', async () => {
  const client = alice();
  const ownHistory = new OwnHistory(Promise.resolve(client));
  await ownHistory.open();
  await ownHistory.export({ format: 'encrypted', passphrase: PASSPHRASE });
  client.resets();
  await client.account();
  expect(ownHistory.exporting.phase).toBe('done');
  client.me = null;
  client.resets();
  await waitFor(() => expect(ownHistory.exporting.result).toBeUndefined());
});

test('an export that is made while history is coming in says before and after that it is not complete', async () => {
  const client = alice();
  client.restores({ done: 1, of: 8 });
  open(client, PATH);
  await screen.findByText(/What is not here yet will not be in the export/);
  await exportNow();
  await saved();
  screen.getByText(/It does not have everything yet/);
});

test('what went wrong is not told again to whoever has seen it and comes back', async () => {
  const client = alice();
  open(client, PATH);
  await importNow(new File(['PK'], 'readable.zip'));
  await screen.findByText(/This is no encrypted export/);
  within(screen.getByRole('main')).getByRole('link', { name: 'Settings' }).click();
  (await screen.findByRole('link', { name: 'Your history' })).click();
  await (await part('Bring back')).findByText(/Its name ends in .sotto/);
  expect(screen.queryByRole('alert')).toBeNull();
});

test('why nothing could be exported is said in plain words, and it can be tried again', async () => {
  const client = alice();
  client.failures.set('exportHistory', problem('interrupted'));
  open(client, PATH);
  await exportNow();
  expect((await screen.findByRole('alert')).textContent).toMatch(/was closed or has stopped. Please begin again/);
  await click('Export', 'Export');
  await saved();
});

test('what an export has comes back on a device that has nothing, and once', async () => {
  const file = await exportOf(alice(1205));
  const client = new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
  open(client, PATH);
  await importNow(file);
  const form = await part('Bring back');
  await form.findByText(/2 chats: 1,205 messages are new, 0 were here already\./, { selector: 'p' });
  await waitFor(() => expect(document.activeElement).toBe(form.getByRole('button', { name: 'Done' })));
  await within(screen.getByRole('region', { name: 'Your chats' })).findByText('hello');
  await click('Bring back', 'Done');
  await importNow(file);
  await form.findByText(/Nothing is new: all 1,205 messages in it were here already\./, { selector: 'p' });
});

test('what is here already stays as it is', async () => {
  const client = alice();
  const file = await exportOf(client);
  const said = (await client.messages('chat-1', 1)).at(0);
  if (!said) throw new TypeError('no message');
  client.edits(said, 'said otherwise since');
  client.vanishes((await client.messages('chat-1', 2))[0] ?? said);
  open(client, PATH);
  await importNow(file);
  await screen.findByText(/1 message is new, 9 were here already\./, { selector: 'p' });
  expect(client.now(said).body).toEqual({ kind: 'text', text: 'said otherwise since' });
});

test('a wrong passphrase is said, and the file need not be chosen again', async () => {
  const client = alice();
  const file = await exportOf(client);
  open(client, PATH);
  await importNow(file, 'kornblumen und quitten');
  expect((await screen.findByRole('alert')).textContent).toMatch(/does not open this export/);
  const form = await part('Bring back');
  form.getByText(new RegExp(file.name));
  type(form.getByLabelText('Its passphrase'), PASSPHRASE);
  await click('Bring back', 'Bring back');
  await form.findByText(/Nothing is new/, { selector: 'p' });
});

test('what is no export, another account’s or damaged is each named as such', async () => {
  const client = alice();
  const file = await exportOf(client);
  const another = new File([(await textOf(file)).replace('account-of-alice', 'account-of-bob')], 'bob.sotto');
  const cut = new File([(await textOf(file)).split('\n').slice(0, -1).join('\n')], 'cut.sotto');
  open(client, PATH);
  for (const [chosen, words] of [
    [new File(['PK'], 'readable.zip'), /This is no encrypted export/],
    [another, /of another account/],
    [cut, /cut short or altered/],
  ] as const) {
    await importNow(chosen);
    await screen.findByText(words);
  }
});

test('without a file or a passphrase nothing is read, and it is said what is missing', async () => {
  const client = alice();
  open(client, PATH);
  await click('Bring back', 'Bring back');
  await screen.findByText('Please choose the file first.');
  screen.getByText('Please enter the passphrase.');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText(/^Choose a file/)));
  await choose(new File(['a'], 'a.sotto'), new File(['b'], 'b.sotto'));
  await screen.findByText('Please choose one file at a time.');
  expect(client.calls.some((call) => call.startsWith('importHistory'))).toBe(false);
});

test('a file that is dropped on the form is the one that is brought back', async () => {
  const client = alice();
  const file = await exportOf(client);
  open(client, PATH);
  const target = await (await part('Bring back')).findByLabelText('Its passphrase');
  const dropped = new Event('drop', { bubbles: true, cancelable: true });
  Object.assign(dropped, { dataTransfer: { types: ['Files'], files: [file] } });
  target.dispatchEvent(dropped);
  await screen.findByText(new RegExp(file.name));
});

test('an import that is cancelled keeps what it had read', async () => {
  const file = await exportOf(alice());
  const client = new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
  client.holdsExports = true;
  open(client, PATH);
  await importNow(file);
  const form = await part('Bring back');
  await form.findByText(/ bytes of /);
  await client.goesOn();
  await click('Bring back', 'Cancel');
  await form.findByText(/What had been read until then is here/, { selector: 'p' });
  expect(await client.chats()).toHaveLength(1);
});

test('an import that ends while one is elsewhere is told there until somebody has seen it', async () => {
  const client = alice();
  const file = await exportOf(client);
  client.holdsExports = true;
  open(client, PATH);
  await importNow(file);
  await (await part('Bring back')).findByRole('progressbar');
  within(screen.getByRole('main')).getByRole('link', { name: 'Settings' }).click();
  await screen.findByRole('heading', { name: 'Settings' });
  client.holdsExports = false;
  await client.goesOn();
  await screen.findByText(/Your history is back\. Nothing is new/);
  screen.getByRole('button', { name: 'Close' }).click();
  await waitFor(() => expect(screen.queryByText(/Your history is back/)).toBeNull());
});
