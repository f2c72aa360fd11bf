import init, { Client as WasmClient, onPanic } from '../pkg/sotto_wasm.js';
import type { Progress, SottoEvent } from './api.js';
import type { Client } from './calls.js';
import { openBroadcastChannel } from './channel.js';
import { deviceName } from './device-name.js';
import { errorShape } from './errors.js';
import { lead } from './leader.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = (message: MessageEvent<ToWorker>) => {
  const { id, module, server } = message.data;
  lead({
    id,
    locks: navigator.locks,
    openChannel: openBroadcastChannel,
    openClient: (emit) => openClient(module, server, emit),
    signal: new AbortController().signal,
  }).catch((thrown: unknown) => end('failed', errorShape(thrown)));
};

async function openClient(module: string, server: string, emit: (event: SottoEvent) => void): Promise<Client> {
  await init({ module_or_path: module });
  onPanic((place: string) => end('crashed', { code: 'crashed', message: `the client stopped at ${place}` }));
  // A trap that no panic announces: memory or stack exhausted.
  const trapped = (error: unknown): void => {
    if (error instanceof WebAssembly.RuntimeError) {
      end('crashed', { code: 'crashed', message: 'the client ran out of memory or stack' });
    }
  };
  self.addEventListener('error', (event) => trapped(event.error));
  self.addEventListener('unhandledrejection', (event) => trapped(event.reason));
  const client = await WasmClient.open(server, deviceName(navigator.userAgent), emit);
  self.addEventListener('online', () => void client.networkIsBack());
  return overWasm(client);
}

/** The same calls: what differs is how the two languages write an absent value, and who reports progress. */
function overWasm(client: WasmClient): Client {
  return {
    account: async () => (await client.account()) ?? null,
    connection: () => client.connection(),
    register: (name, password, progress) => stepByStep(progress, () => client.register(name, password)),
    logIn: (name, password, progress) => stepByStep(progress, () => client.logIn(name, password)),
    logInByRecoveryCode: (name, words) => client.logInByRecoveryCode(name, words),
    logInByDeviceLink: (code) => client.logInByDeviceLink(code),
    readDeviceLink: (code) => client.readDeviceLink(code),
    changePassword: (current, next) => client.changePassword(current, next),
    setPasswordByRecoveryCode: (words, next) => client.setPasswordByRecoveryCode(words, next),
    devices: () => client.devices(),
    hasNewDevices: () => client.hasNewDevices(),
    renameDevice: (device, name) => client.renameDevice(device, name),
    confirmDevice: (device) => client.confirmDevice(device),
    acknowledgeDevices: () => client.acknowledgeDevices(),
    removeDevice: (device) => client.removeDevice(device),
    offerDeviceLink: () => client.offerDeviceLink(),
    withdrawDeviceLink: (code) => client.withdrawDeviceLink(code),
    logOut: () => client.logOut(),
    erase: () => client.erase(),
    searchPeople: (query, after) => client.searchPeople(query, after),
    person: (name) => client.person(name),
    chats: () => client.chats(),
    startChat: (name) => client.startChat(name),
    notes: () => client.notes(),
    createGroup: (group) => client.createGroup(group),
    group: (group) => client.group(group),
    groupMembers: (group, skip, limit, text) => client.groupMembers(group, skip, limit, text),
    addToGroup: (group, names) => client.addToGroup(group, names),
    removeFromGroup: (group, accounts, bans) => client.removeFromGroup(group, accounts, bans),
    setGroup: (group, settings) => client.setGroup(group, settings),
    describeGroup: (group, title, description) => client.describeGroup(group, title, description),
    groupPicture: async (group) => {
      const picture = await client.groupPicture(group);
      return picture && new Blob([picture.bytes as Uint8Array<ArrayBuffer>], { type: picture.contentType });
    },
    setGroupPicture: (group, picture) => client.setGroupPicture(group, picture),
    leaveGroup: (group) => client.leaveGroup(group),
    deleteGroup: (group) => client.deleteGroup(group),
    joinGroup: (group) => client.joinGroup(group),
    createInviteLink: (group, expiresInSeconds, uses) => client.createInviteLink(group, expiresInSeconds, uses),
    inviteLinks: (group) => client.inviteLinks(group),
    revokeInviteLink: (group, key) => client.revokeInviteLink(group, key),
    readInviteLink: (link) => client.readInviteLink(link),
    joinByInviteLink: (link) => client.joinByInviteLink(link),
    inviteQrCode: (link) => client.inviteQrCode(link),
    askToJoin: (group) => client.askToJoin(group),
    withdrawJoinRequest: (group) => client.withdrawJoinRequest(group),
    joinRequests: (group) => client.joinRequests(group),
    approveJoinRequest: (group, account) => client.approveJoinRequest(group, account),
    declineJoinRequest: (group, account) => client.declineJoinRequest(group, account),
    searchGroups: (query, after) => client.searchGroups(query, after),
    messages: (chat, limit, before) => client.messages(chat, limit, before),
    send: (chat, id, text, retention) => client.send(chat, id, text, retention),
    setRetention: (chat, retention) => client.setRetention(chat, retention),
    markRead: (chat, position) => client.markRead(chat, position),
    receipts: (chat) => client.receipts(chat),
    setTyping: (chat, isTyping) => client.setTyping(chat, isTyping),
    presence: (account) => client.presence(account),
    privacy: () => client.privacy(),
    setPrivacy: (privacy) => client.setPrivacy(privacy),
    setActive: (isActive) => client.setActive(isActive),
    acceptIdentity: (account) => client.acceptIdentity(account),
    safetyNumber: (account) => client.safetyNumber(account),
    safety: (account) => client.safety(account),
    compareSafetyCode: (account, code) => client.compareSafetyCode(account, code),
    confirmSafetyNumber: (account) => client.confirmSafetyNumber(account),
    acceptRequest: (chat) => client.acceptRequest(chat),
    declineRequest: (chat) => client.declineRequest(chat),
    block: (account) => client.block(account),
    unblock: (account) => client.unblock(account),
    blocked: () => client.blocked(),
  };
}

async function stepByStep<T>(progress: (progress: Progress) => void, call: () => Promise<T>): Promise<T> {
  progress('password');
  const result = await call();
  progress('done');
  return result;
}

/** After a panic the module's memory cannot be trusted: the worker ends, and with it the lock. */
function end(kind: FromWorker['kind'], error: FromWorker['error']): void {
  self.postMessage({ kind, error } satisfies FromWorker);
  self.close();
}
