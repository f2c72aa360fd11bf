import type { Sotto } from './api.js';
import { SottoError } from './errors.js';
import { randomId } from './id.js';
import { makePasskey, usePasskey } from './passkey.js';
import type { Tab } from './tab.js';

/** The interface of a page, over the calls of its tab. */
export function sottoOf(tab: Tab): Sotto {
  return {
    account: () => tab.call('account', []),
    connection: () => tab.call('connection', []),
    serverInfo: () => tab.call('serverInfo', []),
    sitePage: (name) => tab.call('sitePage', [name]),
    news: (before) => tab.call('news', [before]),
    newsItem: (slug) => tab.call('newsItem', [slug]),
    ownRole: () => tab.call('ownRole', []),
    listAccounts: (filter) => tab.call('listAccounts', [filter]),
    listedAccount: (account) => tab.call('listedAccount', [account]),
    setRole: (account, role, reason) => tab.call('setRole', [account, role, reason]),
    banAccount: (account, reason, until) => tab.call('banAccount', [account, reason, until]),
    unbanAccount: (account, reason) => tab.call('unbanAccount', [account, reason]),
    listInvites: () => tab.call('listInvites', []),
    createInvite: (invite) => tab.call('createInvite', [invite]),
    revokeInvite: (invite, reason) => tab.call('revokeInvite', [invite, reason]),
    listRoles: () => tab.call('listRoles', []),
    putRole: (role, permissions, reason) => tab.call('putRole', [role, permissions, reason]),
    deleteRole: (role, reason) => tab.call('deleteRole', [role, reason]),
    storageTotals: () => tab.call('storageTotals', []),
    auditLog: (page) => tab.call('auditLog', [page]),
    listReports: (page) => tab.call('listReports', [page]),
    readReport: (report) => tab.call('readReport', [report]),
    handleReport: (report, outcome, note) => tab.call('handleReport', [report, outcome, note]),
    searchCommunities: (query, after) => tab.call('searchCommunities', [query, after]),
    newCommunities: (near, since, withinKm) => tab.call('newCommunities', [near, since, withinKm]),
    joinedCommunities: () => tab.call('joinedCommunities', []),
    community: (community) => tab.call('community', [community]),
    foundCommunity: (what) => tab.call('foundCommunity', [what]),
    updateCommunity: (community, update) => tab.call('updateCommunity', [community, update]),
    setCommunityPicture: (community, picture) => tab.call('setCommunityPicture', [community, picture]),
    setCommunityCover: (community, cover) => tab.call('setCommunityCover', [community, cover]),
    deleteCommunity: (community) => tab.call('deleteCommunity', [community]),
    joinCommunity: (community) => tab.call('joinCommunity', [community]),
    leaveCommunity: (community) => tab.call('leaveCommunity', [community]),
    communityMembers: (community, after) => tab.call('communityMembers', [community, after]),
    broadcast: (community) => tab.call('broadcast', [community]),
    startBroadcast: (community, title, description) => tab.call('startBroadcast', [community, title, description]),
    stopBroadcast: (community) => tab.call('stopBroadcast', [community]),
    communityGroups: (community, after) => tab.call('communityGroups', [community, after]),
    setCommunityRole: (community, account, role) => tab.call('setCommunityRole', [community, account, role]),
    removeFromCommunity: (community, account) => tab.call('removeFromCommunity', [community, account]),
    banFromCommunity: (community, account) => tab.call('banFromCommunity', [community, account]),
    unbanFromCommunity: (community, account) => tab.call('unbanFromCommunity', [community, account]),
    communityBans: (community) => tab.call('communityBans', [community]),
    deleteCommunityOfOthers: (community, reason) => tab.call('deleteCommunityOfOthers', [community, reason]),
    async register(name, password, options, onProgress) {
      const registered = await tab.call('register', [name, password, options], onProgress);
      void keepStorage();
      return registered;
    },
    async logIn(name, password, onProgress) {
      await tab.call('logIn', [name, password], onProgress);
      void keepStorage();
    },
    async logInByRecoveryCode(name, words) {
      await tab.call('logInByRecoveryCode', [name, words]);
      void keepStorage();
    },
    async logInByDeviceLink(code) {
      await tab.call('logInByDeviceLink', [code]);
      void keepStorage();
    },
    readDeviceLink: (code) => tab.call('readDeviceLink', [code]),
    changePassword: (current, next) => tab.call('changePassword', [current, next]),
    setPasswordByRecoveryCode: (words, next) => tab.call('setPasswordByRecoveryCode', [words, next]),
    async addPasskey(name, proof) {
      const options = await tab.call('passkeyRegistration', [proof]);
      return makePasskey(options, ({ credential, secret }) => tab.call('addPasskey', [name, credential, secret]));
    },
    async logInByPasskey() {
      const options = await tab.call('passkeyLogin', []);
      await usePasskey(options, ({ credential, secret }) => tab.call('logInByPasskey', [credential, secret]));
      void keepStorage();
    },
    async setPasswordByPasskey(next) {
      const options = await tab.call('passkeyLogin', []);
      await usePasskey(options, ({ credential, secret }) =>
        tab.call('setPasswordByPasskey', [credential, secret, next]),
      );
    },
    passkeys: () => tab.call('passkeys', []),
    renamePasskey: (passkey, name) => tab.call('renamePasskey', [passkey, name]),
    removePasskey: (passkey) => tab.call('removePasskey', [passkey]),
    oidcLogin: (redirectUri) => tab.call('oidcLogin', [redirectUri]),
    finishOidcLogin: (pending, address) => tab.call('finishOidcLogin', [pending, address]),
    forgetOidcLogin: () => tab.call('forgetOidcLogin', []),
    linkOidc: (proof) => tab.call('linkOidc', [proof]),
    oidcLinkedAt: () => tab.call('oidcLinkedAt', []),
    unlinkOidc: () => tab.call('unlinkOidc', []),
    devices: () => tab.call('devices', []),
    hasNewDevices: () => tab.call('hasNewDevices', []),
    renameDevice: (device, name) => tab.call('renameDevice', [device, name]),
    confirmDevice: (device) => tab.call('confirmDevice', [device]),
    acknowledgeDevices: () => tab.call('acknowledgeDevices', []),
    removeDevice: (device) => tab.call('removeDevice', [device]),
    offerDeviceLink: () => tab.call('offerDeviceLink', []),
    withdrawDeviceLink: (code) => tab.call('withdrawDeviceLink', [code]),
    logOut: () => tab.call('logOut', []),
    erase: () => tab.call('erase', []),
    logOutEverywhere: () => tab.call('logOutEverywhere', []),
    deleteAccount: (password) => tab.call('deleteAccount', [password]),
    searchPeople: (query, after) => tab.call('searchPeople', [query, after]),
    person: (name) => tab.call('person', [name]),
    profile: (name) => tab.call('profile', [name]),
    updateProfile: (update) => tab.call('updateProfile', [update]),
    setPicture: (picture) => tab.call('setPicture', [picture]),
    setCover: (cover) => tab.call('setCover', [cover]),
    profilePicture: (picture) => tab.call('profilePicture', [picture]),
    chats: () => tab.call('chats', []),
    startChat: (name) => tab.call('startChat', [name]),
    notes: () => tab.call('notes', []),
    createGroup: (group) => tab.call('createGroup', [group]),
    group: (group) => tab.call('group', [group]),
    groupMembers: (group, skip, limit, text) => tab.call('groupMembers', [group, skip, limit, text]),
    addToGroup: (group, names) => tab.call('addToGroup', [group, names]),
    removeFromGroup: (group, accounts, bans) => tab.call('removeFromGroup', [group, accounts, bans]),
    setGroup: (group, settings) => tab.call('setGroup', [group, settings]),
    describeGroup: (group, title, description) => tab.call('describeGroup', [group, title, description]),
    groupPicture: (group) => tab.call('groupPicture', [group]),
    setGroupPicture: (group, picture) => tab.call('setGroupPicture', [group, picture]),
    leaveGroup: (group) => tab.call('leaveGroup', [group]),
    deleteGroup: (group) => tab.call('deleteGroup', [group]),
    joinGroup: (group) => tab.call('joinGroup', [group]),
    createInviteLink: (group, expiresInSeconds, uses) => tab.call('createInviteLink', [group, expiresInSeconds, uses]),
    inviteLinks: (group) => tab.call('inviteLinks', [group]),
    revokeInviteLink: (group, key) => tab.call('revokeInviteLink', [group, key]),
    readInviteLink: (link) => tab.call('readInviteLink', [link]),
    joinByInviteLink: (link) => tab.call('joinByInviteLink', [link]),
    inviteQrCode: (link) => tab.call('inviteQrCode', [link]),
    askToJoin: (group) => tab.call('askToJoin', [group]),
    withdrawJoinRequest: (group) => tab.call('withdrawJoinRequest', [group]),
    joinRequests: (group) => tab.call('joinRequests', [group]),
    approveJoinRequest: (group, account) => tab.call('approveJoinRequest', [group, account]),
    declineJoinRequest: (group, account) => tab.call('declineJoinRequest', [group, account]),
    searchGroups: (query, after) => tab.call('searchGroups', [query, after]),
    messages: (chat, limit, before) => tab.call('messages', [chat, limit, before]),
    messagesAfter: (chat, limit, after) => tab.call('messagesAfter', [chat, limit, after]),
    positionAt: (chat, at) => tab.call('positionAt', [chat, at]),
    search: (query, limit, before) => tab.call('search', [query, limit, before]),
    message: (chat, message) => tab.call('message', [chat, message]),
    async send(chat, text, options) {
      // Chosen here, so that the same message can be given to the next leader.
      const id = randomId();
      await tab.call('send', [chat, id, text, options]);
      return id;
    },
    edit: (chat, message, text, mentions) => tab.call('edit', [chat, message, text, mentions]),
    deleteMessage: (chat, message) => tab.call('deleteMessage', [chat, message]),
    deleteMessageHere: (chat, message) => tab.call('deleteMessageHere', [chat, message]),
    react: (chat, message, emoji, isSet) => tab.call('react', [chat, message, emoji, isSet]),
    pin: (chat, message, isPinned) => tab.call('pin', [chat, message, isPinned]),
    pinned: (chat) => tab.call('pinned', [chat]),
    star: (chat, message, isStarred) => tab.call('star', [chat, message, isStarred]),
    starred: (limit, skip) => tab.call('starred', [limit, skip]),
    draft: (chat) => tab.call('draft', [chat]),
    setDraft: (chat, draft) => tab.call('setDraft', [chat, draft]),
    muteChat: (chat, until) => tab.call('muteChat', [chat, until]),
    archiveChat: (chat, isArchived) => tab.call('archiveChat', [chat, isArchived]),
    forward: (from, message, to) => tab.call('forward', [from, message, to]),
    async sendFile(chat, file, options) {
      const id = randomId();
      await tab.call('sendFile', [chat, id, file, options]);
      return id;
    },
    fileLimits: () => tab.call('fileLimits', []),
    transfer: (chat, message) => tab.call('transfer', [chat, message]),
    cancelTransfer: (chat, message) => tab.call('cancelTransfer', [chat, message]),
    resumeFile: (chat, message, content) => tab.call('resumeFile', [chat, message, content]),
    readFile: (chat, message) => tab.call('readFile', [chat, message]),
    readFilePart: (chat, message, start, end) => tab.call('readFilePart', [chat, message, start, end]),
    setRetention: (chat, retention) => tab.call('setRetention', [chat, retention]),
    markRead: (chat, position) => tab.call('markRead', [chat, position]),
    receipts: (chat) => tab.call('receipts', [chat]),
    setTyping: (chat, isTyping) => tab.call('setTyping', [chat, isTyping]),
    presence: (account) => tab.call('presence', [account]),
    privacy: () => tab.call('privacy', []),
    setPrivacy: (privacy) => tab.call('setPrivacy', [privacy]),
    setActive: (isActive) => tab.setActive(isActive),
    acceptIdentity: (account) => tab.call('acceptIdentity', [account]),
    safetyNumber: (account) => tab.call('safetyNumber', [account]),
    safety: (account) => tab.call('safety', [account]),
    compareSafetyCode: (account, code) => tab.call('compareSafetyCode', [account, code]),
    confirmSafetyNumber: (account) => tab.call('confirmSafetyNumber', [account]),
    acceptRequest: (chat) => tab.call('acceptRequest', [chat]),
    declineRequest: (chat) => tab.call('declineRequest', [chat]),
    block: (account) => tab.call('block', [account]),
    unblock: (account) => tab.call('unblock', [account]),
    blocked: () => tab.call('blocked', []),
    reportMessage: (chat, message, reason, comment) => tab.call('reportMessage', [chat, message, reason, comment]),
    reportUnproven: (chat, message, from, text, reason, comment) =>
      tab.call('reportUnproven', [chat, message, from, text, reason, comment]),
    reportPerson: (account, reason, comment) => tab.call('reportPerson', [account, reason, comment]),
    reportGroup: (group, reason, comment) => tab.call('reportGroup', [group, reason, comment]),
    reportCommunity: (community, reason, comment) => tab.call('reportCommunity', [community, reason, comment]),
    wakeUpKey: () => tab.call('wakeUpKey', []),
    setWakeUpAddress: (address) => tab.call('setWakeUpAddress', [address]),
    removeWakeUpAddress: () => tab.call('removeWakeUpAddress', []),
    wakeUpEndpoint: () => tab.call('wakeUpEndpoint', []),
    catchUp: () => tab.call('catchUp', []),
    notices: (limit, before) => tab.call('notices', [limit, before]),
    markNoticesSeen: () => tab.call('markNoticesSeen', []),
    archiveNow: () => tab.call('archiveNow', []),
    archiveStatus: () => tab.call('archiveStatus', []),
    acknowledgeArchiveFaults: () => tab.call('acknowledgeArchiveFaults', []),
    exportHistory: (options, onProgress, signal) =>
      cancellable(tab, signal, (task) => tab.call('exportHistory', [task, options], onProgress)),
    importHistory: (file, passphrase, onProgress, signal) =>
      cancellable(tab, signal, (task) => tab.call('importHistory', [task, file, passphrase], onProgress)),
    subscribe: (listener) => tab.subscribe(listener),
  };
}

/** A call that is over for the page once the signal is aborted, and for the leader soon after. */
function cancellable<T>(tab: Tab, signal: AbortSignal | undefined, call: (task: string) => Promise<T>): Promise<T> {
  const cancelled = (): SottoError => new SottoError('cancelled', 'it is not wanted any more');
  if (signal?.aborted) return Promise.reject(cancelled());
  const task = randomId();
  return new Promise<T>((resolve, reject) => {
    const end = (): void => {
      reject(cancelled());
      // A leader that has gone away has ended it.
      void tab.call('cancelTask', [task]).catch(() => undefined);
    };
    signal?.addEventListener('abort', end, { once: true });
    call(task)
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener('abort', end));
  });
}

/** Asks the browser not to evict this device's keys and messages when the disk fills up. */
async function keepStorage(): Promise<void> {
  try {
    await navigator.storage?.persist();
  } catch {
    // A refusal changes nothing: the account can be brought up again from its password.
  }
}
