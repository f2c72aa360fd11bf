import { expect, test } from 'vitest';
import type { NewGroup } from '../src/api.js';
import { repeatable, type Method } from '../src/calls.js';
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
  await sotto.setGroup('g', { isListed: true });
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
    ['setGroup', ['g', { isListed: true }]],
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

test('what would come into being twice is not asked for twice', () => {
  const once = (Object.keys(repeatable) as Method[]).filter((method) => !repeatable[method]);
  expect(once.sort()).toEqual([
    'changePassword',
    'createGroup',
    'createInviteLink',
    'logIn',
    'logInByDeviceLink',
    'logInByRecoveryCode',
    'register',
  ]);
});
