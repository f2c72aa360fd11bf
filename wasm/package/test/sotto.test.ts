import { expect, test } from 'vitest';
import type { NewGroup } from '../src/api.js';
import { repeatable, type Method } from '../src/calls.js';
import { errorShape, SottoError } from '../src/errors.js';
import { siteFile } from '../src/site.js';
import { sottoOf } from '../src/sotto.js';
import type { Tab } from '../src/tab.js';

/** The interface of a page over a tab that keeps what it is asked, and answers with the method's name. */
function page() {
  const asked: [Method, unknown[]][] = [];
  const tab = {
    call: (method: Method, args: unknown[]) => {
      asked.push([method, args]);
      return Promise.resolve(method);
    },
    subscribe: () => () => {},
  };
  return { sotto: sottoOf(tab as unknown as Tab), asked };
}

const group: NewGroup = {
  title: 'Rowing',
  description: '',
  size: 'large',
  joinPolicy: { kind: 'invite', by: 'admins' },
  isListed: false,
  retention: { kind: 'keep' },
  members: ['bob'],
};

test('every call of groups reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  await sotto.notes();
  await sotto.createGroup(group);
  await sotto.group('g');
  await sotto.groupMembers('g', 50, 25, 'bo');
  await sotto.addToGroup('g', ['bob', 'carol']);
  await sotto.removeFromGroup('g', ['account'], true);
  await sotto.setGroup('g', { isListed: true, history: { since: { at: 0 } } });
  await sotto.describeGroup('g', 'title', 'description');
  await sotto.leaveGroup('g');
  await sotto.deleteGroup('g');
  await sotto.joinGroup('g');
  await sotto.askToJoin('g');
  await sotto.withdrawJoinRequest('g');
  await sotto.joinRequests('g');
  await sotto.approveJoinRequest('g', 'account');
  await sotto.declineJoinRequest('g', 'account');
  await sotto.searchGroups('row');
  expect(asked).toEqual([
    ['notes', []],
    ['createGroup', [group]],
    ['group', ['g']],
    ['groupMembers', ['g', 50, 25, 'bo']],
    ['addToGroup', ['g', ['bob', 'carol']]],
    ['removeFromGroup', ['g', ['account'], true]],
    ['setGroup', ['g', { isListed: true, history: { since: { at: 0 } } }]],
    ['describeGroup', ['g', 'title', 'description']],
    ['leaveGroup', ['g']],
    ['deleteGroup', ['g']],
    ['joinGroup', ['g']],
    ['askToJoin', ['g']],
    ['withdrawJoinRequest', ['g']],
    ['joinRequests', ['g']],
    ['approveJoinRequest', ['g', 'account']],
    ['declineJoinRequest', ['g', 'account']],
    ['searchGroups', ['row', undefined]],
  ]);
});

test('every report reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  await sotto.reportMessage('c', 'm', 'child-abuse', 'look');
  await sotto.reportUnproven('c', 'm', 'account', 'text', 'spam', '');
  await sotto.reportPerson('account', 'fraud', '');
  await sotto.reportGroup('g', 'illegal', 'all of it');
  await sotto.reportCommunity('choir', 'other', 'no song');
  expect(asked).toEqual([
    ['reportMessage', ['c', 'm', 'child-abuse', 'look']],
    ['reportUnproven', ['c', 'm', 'account', 'text', 'spam', '']],
    ['reportPerson', ['account', 'fraud', '']],
    ['reportGroup', ['g', 'illegal', 'all of it']],
    ['reportCommunity', ['choir', 'other', 'no song']],
  ]);
});

test('every call of devices and safety codes reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  await sotto.logInByRecoveryCode('alice', 'words');
  await sotto.logInByDeviceLink('code');
  await sotto.readDeviceLink('code');
  await sotto.changePassword('old', 'new');
  await sotto.setPasswordByRecoveryCode('words', 'new');
  await sotto.devices();
  await sotto.hasNewDevices();
  await sotto.renameDevice('d', 'Phone');
  await sotto.confirmDevice('d');
  await sotto.acknowledgeDevices();
  await sotto.removeDevice('d');
  await sotto.offerDeviceLink();
  await sotto.withdrawDeviceLink('code');
  await sotto.safety('account');
  await sotto.compareSafetyCode('account', 'code');
  await sotto.confirmSafetyNumber('account');
  expect(asked).toEqual([
    ['logInByRecoveryCode', ['alice', 'words']],
    ['logInByDeviceLink', ['code']],
    ['readDeviceLink', ['code']],
    ['changePassword', ['old', 'new']],
    ['setPasswordByRecoveryCode', ['words', 'new']],
    ['devices', []],
    ['hasNewDevices', []],
    ['renameDevice', ['d', 'Phone']],
    ['confirmDevice', ['d']],
    ['acknowledgeDevices', []],
    ['removeDevice', ['d']],
    ['offerDeviceLink', []],
    ['withdrawDeviceLink', ['code']],
    ['safety', ['account']],
    ['compareSafetyCode', ['account', 'code']],
    ['confirmSafetyNumber', ['account']],
  ]);
});

test('every call of getting in and out reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  await sotto.serverInfo();
  await sotto.register('alice', 'password', { invite: 'X7KD-2M4P-QRST-VWXY' });
  await sotto.register('alice', 'password');
  await sotto.logIn('alice', 'password');
  await sotto.logOut();
  await sotto.erase();
  await sotto.logOutEverywhere();
  await sotto.deleteAccount('password');
  await sotto.oidcLogin('https://chat.example/login/oidc');
  await sotto.finishOidcLogin('pending', '?code=a');
  await sotto.forgetOidcLogin();
  await sotto.linkOidc({ password: 'password' });
  await sotto.oidcLinkedAt();
  await sotto.unlinkOidc();
  expect(asked).toEqual([
    ['serverInfo', []],
    ['register', ['alice', 'password', { invite: 'X7KD-2M4P-QRST-VWXY' }]],
    ['register', ['alice', 'password', undefined]],
    ['logIn', ['alice', 'password']],
    ['logOut', []],
    ['erase', []],
    ['logOutEverywhere', []],
    ['deleteAccount', ['password']],
    ['oidcLogin', ['https://chat.example/login/oidc']],
    ['finishOidcLogin', ['pending', '?code=a']],
    ['forgetOidcLogin', []],
    ['linkOidc', [{ password: 'password' }]],
    ['oidcLinkedAt', []],
    ['unlinkOidc', []],
  ]);
});

test('every call of what the operator says reaches the leader with its arguments', async () => {
  const { sotto, asked } = page();
  await sotto.sitePage('about');
  await sotto.news();
  await sotto.news('2026-11-20-moved');
  await sotto.newsItem('2026-11-20-moved');
  expect(asked).toEqual([
    ['sitePage', ['about']],
    ['news', [undefined]],
    ['news', ['2026-11-20-moved']],
    ['newsItem', ['2026-11-20-moved']],
  ]);
  expect(siteFile('a.png')).toBe('/v1/site/file/a.png');
});

test('every call of passkeys that asks no browser reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  await sotto.passkeys();
  await sotto.renamePasskey('p', 'Key on my ring');
  await sotto.removePasskey('p');
  expect(asked).toEqual([
    ['passkeys', []],
    ['renamePasskey', ['p', 'Key on my ring']],
    ['removePasskey', ['p']],
  ]);
});

test('every call of receipts, typing and presence reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  const privacy = { deliveryReceipts: true, readReceipts: false, typing: true, presence: false };
  await sotto.receipts('c');
  await sotto.setTyping('c', true);
  await sotto.presence('account');
  await sotto.privacy();
  await sotto.setPrivacy(privacy);
  expect(asked).toEqual([
    ['receipts', ['c']],
    ['setTyping', ['c', true]],
    ['presence', ['account']],
    ['privacy', []],
    ['setPrivacy', [privacy]],
  ]);
});

test('every call of messages reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  const mentions = [{ start: 0, end: 4, account: 'account' }];
  const options = { retention: { kind: 'never' }, replyTo: 'm', mentions } as const;
  const id = await sotto.send('c', '@bob', { ...options, mentions });
  const plain = await sotto.send('c', 'hello');
  await sotto.message('c', 'm');
  await sotto.edit('c', 'm', '@bob', mentions);
  await sotto.edit('c', 'm', 'hello');
  await sotto.deleteMessage('c', 'm');
  await sotto.deleteMessageHere('c', 'm');
  await sotto.react('c', 'm', '👍', true);
  await sotto.pin('c', 'm', false);
  await sotto.pinned('c');
  await sotto.forward('c', 'm', 'd');
  expect(asked).toEqual([
    ['send', ['c', id, '@bob', options]],
    ['send', ['c', plain, 'hello', undefined]],
    ['message', ['c', 'm']],
    ['edit', ['c', 'm', '@bob', mentions]],
    ['edit', ['c', 'm', 'hello', undefined]],
    ['deleteMessage', ['c', 'm']],
    ['deleteMessageHere', ['c', 'm']],
    ['react', ['c', 'm', '👍', true]],
    ['pin', ['c', 'm', false]],
    ['pinned', ['c']],
    ['forward', ['c', 'm', 'd']],
  ]);
  expect(id).not.toBe(plain);
});

test('every call of files reaches the leader with its arguments, in their order, and a file as the blob that it is', async () => {
  const { sotto, asked } = page();
  const content = new Blob(['hello']);
  const file = { name: 'a.txt', mediaType: 'text/plain', content, caption: 'look' };
  const options = { replyTo: 'm' };
  const id = await sotto.sendFile('c', file, options);
  await sotto.fileLimits();
  await sotto.transfer('c', 'm');
  await sotto.cancelTransfer('c', 'm');
  await sotto.resumeFile('c', 'm', content);
  await sotto.readFile('c', 'm');
  await sotto.readFilePart('c', 'm', 10, 20);
  expect(asked).toEqual([
    ['sendFile', ['c', id, file, options]],
    ['fileLimits', []],
    ['transfer', ['c', 'm']],
    ['cancelTransfer', ['c', 'm']],
    ['resumeFile', ['c', 'm', content]],
    ['readFile', ['c', 'm']],
    ['readFilePart', ['c', 'm', 10, 20]],
  ]);
  expect(asked[0]?.[1][2]).toBe(file);
});

test('every call of stars, drafts, history and search reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  const draft = { text: '@bob', mentions: [{ start: 0, end: 4, account: 'account' }], replyTo: 'm' };
  const query = { text: 'lake', chat: 'c', from: 'account', since: 1, until: 2, kind: 'link' } as const;
  await sotto.star('c', 'm', true);
  await sotto.starred(50, 100);
  await sotto.draft('c');
  await sotto.setDraft('c', draft);
  await sotto.setDraft('c', undefined);
  await sotto.muteChat('c', 'always');
  await sotto.muteChat('c', undefined);
  await sotto.archiveChat('c', true);
  await sotto.messagesAfter('c', 50, 7);
  await sotto.positionAt('c', 1_700_000_000_000);
  await sotto.search(query, 20);
  await sotto.search(query, 20, 'cursor');
  expect(asked).toEqual([
    ['star', ['c', 'm', true]],
    ['starred', [50, 100]],
    ['draft', ['c']],
    ['setDraft', ['c', draft]],
    ['setDraft', ['c', undefined]],
    ['muteChat', ['c', 'always']],
    ['muteChat', ['c', undefined]],
    ['archiveChat', ['c', true]],
    ['messagesAfter', ['c', 50, 7]],
    ['positionAt', ['c', 1_700_000_000_000]],
    ['search', [query, 20, undefined]],
    ['search', [query, 20, 'cursor']],
  ]);
});

test('every call of wake-ups and notices reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  const address = { endpoint: 'https://push.example/a', p256dh: new Uint8Array(65), auth: new Uint8Array(16) };
  await sotto.wakeUpKey();
  await sotto.setWakeUpAddress(address);
  await sotto.removeWakeUpAddress();
  await sotto.wakeUpEndpoint();
  await sotto.catchUp();
  await sotto.notices(50);
  await sotto.notices(50, 'notice');
  await sotto.markNoticesSeen();
  expect(asked).toEqual([
    ['wakeUpKey', []],
    ['setWakeUpAddress', [address]],
    ['removeWakeUpAddress', []],
    ['wakeUpEndpoint', []],
    ['catchUp', []],
    ['notices', [50, undefined]],
    ['notices', [50, 'notice']],
    ['markNoticesSeen', []],
  ]);
});

test('what would come into being twice is not asked for twice', () => {
  const once = (Object.keys(repeatable) as Method[]).filter((method) => !repeatable[method]);
  expect(once.sort()).toEqual([
    'addPasskey',
    'changePassword',
    'createGroup',
    'createInvite',
    'createInviteLink',
    'deleteAccount',
    'deleteCommunity',
    'deleteCommunityOfOthers',
    'deleteRole',
    'finishOidcLogin',
    'forward',
    'foundCommunity',
    'linkOidc',
    'logIn',
    'logInByDeviceLink',
    'logInByPasskey',
    'logInByRecoveryCode',
    'register',
    'removeFromCommunity',
    'reportCommunity',
    'reportGroup',
    'reportMessage',
    'reportPerson',
    'reportUnproven',
    'revokeInvite',
    'setPasswordByPasskey',
  ]);
});

test('every call of administration reaches the leader with its arguments, in their order', async () => {
  const { sotto, asked } = page();
  await sotto.ownRole();
  await sotto.listAccounts();
  await sotto.listAccounts({ text: 'bo', isBanned: true });
  await sotto.listedAccount('a');
  await sotto.setRole('a', 'moderator', 'helps');
  await sotto.banAccount('a', 'spam');
  await sotto.banAccount('a', 'spam', 5);
  await sotto.unbanAccount('a', 'a mistake');
  await sotto.listInvites();
  await sotto.createInvite({ uses: 1, expiresInSeconds: 60 });
  await sotto.revokeInvite('i', '');
  await sotto.listRoles();
  await sotto.putRole('herald', ['write-news'], '');
  await sotto.deleteRole('herald', '');
  await sotto.storageTotals();
  await sotto.auditLog({ account: 'a', limit: 5 });
  await sotto.listReports({ state: 'handled', after: 'n' });
  await sotto.readReport('r');
  await sotto.handleReport('r', 'acted', 'was warned');
  expect(asked).toEqual([
    ['ownRole', []],
    ['listAccounts', [undefined]],
    ['listAccounts', [{ text: 'bo', isBanned: true }]],
    ['listedAccount', ['a']],
    ['setRole', ['a', 'moderator', 'helps']],
    ['banAccount', ['a', 'spam', undefined]],
    ['banAccount', ['a', 'spam', 5]],
    ['unbanAccount', ['a', 'a mistake']],
    ['listInvites', []],
    ['createInvite', [{ uses: 1, expiresInSeconds: 60 }]],
    ['revokeInvite', ['i', '']],
    ['listRoles', []],
    ['putRole', ['herald', ['write-news'], '']],
    ['deleteRole', ['herald', '']],
    ['storageTotals', []],
    ['auditLog', [{ account: 'a', limit: 5 }]],
    ['listReports', [{ state: 'handled', after: 'n' }]],
    ['readReport', ['r']],
    ['handleReport', ['r', 'acted', 'was warned']],
  ]);
});

test('what a banned person is told crosses the channel with the error', () => {
  const ban = { reason: 'spam', until: 5 };
  expect(errorShape({ code: 'banned', message: 'banned', ban })).toEqual({ code: 'banned', message: 'banned', ban });
  expect(errorShape(new SottoError('banned', 'banned', ban))).toEqual({ code: 'banned', message: 'banned', ban });
  expect(errorShape(new SottoError('offline', 'offline'))).toEqual({ code: 'offline', message: 'offline' });
});
