import type { Client as WasmClient } from '../pkg/sotto_wasm.js';
import type { NewsItem, Progress, SitePage } from './api.js';
import type { Client } from './calls.js';
import { exportName, GrowingFile, mediaTypes } from './export-file.js';

/** The same calls: what differs is how the two languages write an absent value, and who reports progress. */
export function overWasm(client: WasmClient): Client {
  /** Exports and imports that are wanted. */
  const wanted = new Set<string>();
  return {
    account: async () => (await client.account()) ?? null,
    connection: () => client.connection(),
    serverInfo: () => client.serverInfo(),
    // The trees are as the server's protocol has them, which the client has checked: `site.ts` says how.
    sitePage: async (name) => ((await client.sitePage(name)) ?? null) as SitePage | null,
    news: (before) => client.news(before),
    newsItem: async (slug) => ((await client.newsItem(slug)) ?? null) as NewsItem | null,
    ownRole: () => client.ownRole(),
    listAccounts: (filter) => client.listAccounts(filter),
    listedAccount: (account) => client.listedAccount(account),
    setRole: (account, role, reason) => client.setRole(account, role, reason),
    banAccount: (account, reason, until) => client.banAccount(account, reason, until),
    unbanAccount: (account, reason) => client.unbanAccount(account, reason),
    listInvites: () => client.listInvites(),
    createInvite: (invite) => client.createInvite(invite),
    revokeInvite: (invite, reason) => client.revokeInvite(invite, reason),
    listRoles: () => client.listRoles(),
    putRole: (role, permissions, reason) => client.putRole(role, permissions, reason),
    deleteRole: (role, reason) => client.deleteRole(role, reason),
    storageTotals: () => client.storageTotals(),
    auditLog: (page) => client.auditLog(page?.account, page?.limit, page?.after),
    listReports: ({ state, limit, after }) => client.listReports(state, limit, after),
    readReport: (report) => client.readReport(report),
    handleReport: (report, outcome, note) => client.handleReport(report, outcome, note),
    searchCommunities: (query, after) => client.searchCommunities(query, after),
    newCommunities: (near, since, withinKm) => client.newCommunities(near, since, withinKm),
    joinedCommunities: () => client.joinedCommunities(),
    community: (community) => client.community(community),
    foundCommunity: (what) => client.foundCommunity(what),
    updateCommunity: (community, { location, ...update }) =>
      client.updateCommunity(community, { ...update, ...(location && { location }), removesLocation: location === null }),
    setCommunityPicture: (community, picture) => client.setCommunityPicture(community, picture),
    setCommunityCover: (community, cover) => client.setCommunityCover(community, cover),
    deleteCommunity: (community) => client.deleteCommunity(community),
    joinCommunity: (community) => client.joinCommunity(community),
    leaveCommunity: (community) => client.leaveCommunity(community),
    communityMembers: (community, after) => client.communityMembers(community, after),
    broadcast: (community) => client.broadcast(community),
    startBroadcast: (community, title, description) => client.startBroadcast(community, title, description),
    stopBroadcast: (community) => client.stopBroadcast(community),
    communityGroups: (community, after) => client.communityGroups(community, after),
    setCommunityRole: (community, account, role) => client.setCommunityRole(community, account, role),
    removeFromCommunity: (community, account) => client.removeFromCommunity(community, account),
    banFromCommunity: (community, account) => client.banFromCommunity(community, account),
    unbanFromCommunity: (community, account) => client.unbanFromCommunity(community, account),
    communityBans: (community) => client.communityBans(community),
    deleteCommunityOfOthers: (community, reason) => client.deleteCommunityOfOthers(community, reason),
    register: (name, password, options, progress) =>
      stepByStep('proof-of-work', progress, () => client.register(name, password, options)),
    logIn: (name, password, progress) => stepByStep('password', progress, () => client.logIn(name, password)),
    logInByRecoveryCode: (name, words) => client.logInByRecoveryCode(name, words),
    logInByDeviceLink: (code) => client.logInByDeviceLink(code),
    readDeviceLink: (code) => client.readDeviceLink(code),
    changePassword: (current, next) => client.changePassword(current, next),
    setPasswordByRecoveryCode: (words, next) => client.setPasswordByRecoveryCode(words, next),
    passkeyRegistration: (proof) => client.passkeyRegistration(proof),
    addPasskey: (name, credential, secret) => client.addPasskey(name, credential, secret),
    passkeyLogin: () => client.passkeyLogin(),
    logInByPasskey: (credential, secret) => client.logInByPasskey(credential, secret),
    setPasswordByPasskey: (credential, secret, next) => client.setPasswordByPasskey(credential, secret, next),
    passkeys: () => client.passkeys(),
    renamePasskey: (passkey, name) => client.renamePasskey(passkey, name),
    removePasskey: (passkey) => client.removePasskey(passkey),
    oidcLogin: (redirectUri) => client.oidcLogin(redirectUri),
    finishOidcLogin: (pending, address) => client.finishOidcLogin(pending, address),
    forgetOidcLogin: () => client.forgetOidcLogin(),
    linkOidc: (proof) => client.linkOidc(proof),
    oidcLinkedAt: async () => (await client.oidcLinkedAt()) ?? null,
    unlinkOidc: () => client.unlinkOidc(),
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
    logOutEverywhere: () => client.logOutEverywhere(),
    deleteAccount: (password) => client.deleteAccount(password),
    searchPeople: (query, after) => client.searchPeople(typeof query === 'string' ? { text: query } : query, after),
    person: (name) => client.person(name),
    profile: (name) => client.profile(name),
    updateProfile: ({ location, ...update }) =>
      client.updateProfile({ ...update, ...(location && { location }), removesLocation: location === null }),
    setPicture: (picture) => client.setPicture(picture),
    setCover: (cover) => client.setCover(cover),
    profilePicture: async (picture) => pictureBlob(await client.profilePicture(picture)),
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
      return picture && pictureBlob(picture);
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
    messagesAfter: (chat, limit, after) => client.messagesAfter(chat, limit, after),
    positionAt: (chat, at) => client.positionAt(chat, at),
    search: (query, limit, before) => client.search(query, limit, before),
    message: (chat, message) => client.message(chat, message),
    send: (chat, id, text, options) => client.send(chat, id, text, options),
    edit: (chat, message, text, mentions) => client.edit(chat, message, text, mentions),
    deleteMessage: (chat, message) => client.deleteMessage(chat, message),
    deleteMessageHere: (chat, message) => client.deleteMessageHere(chat, message),
    react: (chat, message, emoji, isSet) => client.react(chat, message, emoji, isSet),
    pin: (chat, message, isPinned) => client.pin(chat, message, isPinned),
    pinned: (chat) => client.pinned(chat),
    star: (chat, message, isStarred) => client.star(chat, message, isStarred),
    starred: (limit, skip) => client.starred(limit, skip),
    draft: (chat) => client.draft(chat),
    setDraft: (chat, draft) => client.setDraft(chat, draft),
    muteChat: (chat, until) => client.muteChat(chat, until !== undefined, until === 'always' ? undefined : until),
    archiveChat: (chat, isArchived) => client.archiveChat(chat, isArchived),
    forward: (from, message, to) => client.forward(from, message, to),
    sendFile: (chat, id, { content, ...about }, options) => client.sendFile(chat, id, content, about, options),
    fileLimits: () => client.fileLimits(),
    transfer: async (_chat, message) => client.transfer(message),
    cancelTransfer: (chat, message) => client.cancelTransfer(chat, message),
    resumeFile: (chat, message, content) => client.resumeFile(chat, message, content),
    readFile: async (chat, message) => new Blob([new Uint8Array(await client.readFile(chat, message))]),
    readFilePart: (chat, message, start, end) => client.readFilePart(chat, message, start, end),
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
    reportMessage: (chat, message, reason, comment) => client.reportMessage(chat, message, reason, comment),
    reportUnproven: (chat, message, from, text, reason, comment) =>
      client.reportUnproven(chat, message, from, text, reason, comment),
    reportPerson: (account, reason, comment) => client.reportPerson(account, reason, comment),
    reportGroup: (group, reason, comment) => client.reportGroup(group, reason, comment),
    reportCommunity: (community, reason, comment) => client.reportCommunity(community, reason, comment),
    blocked: () => client.blocked(),
    wakeUpKey: () => client.wakeUpKey(),
    setWakeUpAddress: (address) => client.setWakeUpAddress(address),
    removeWakeUpAddress: () => client.removeWakeUpAddress(),
    wakeUpEndpoint: () => client.wakeUpEndpoint(),
    catchUp: () => client.catchUp(),
    notices: (limit, before) => client.notices(limit, before),
    markNoticesSeen: () => client.markNoticesSeen(),
    archiveNow: () => client.archiveNow(),
    archiveStatus: () => client.archiveStatus(),
    acknowledgeArchiveFaults: () => client.acknowledgeArchiveFaults(),
    exportHistory: async (task, { format, passphrase, withFiles }, progress) => {
      const file = new GrowingFile();
      const moved = (messages: number, totalMessages: number, files: number, totalFiles: number): void =>
        progress({ messages, totalMessages, files, totalFiles });
      const isCancelled = (): boolean => !wanted.has(task);
      wanted.add(task);
      try {
        const exported =
          format === 'encrypted'
            ? await client.exportHistory(passphrase ?? '', file.write, moved, isCancelled)
            : await client.exportReadable(withFiles ?? false, file.write, moved, isCancelled);
        const account = (await client.account())?.name ?? 'history';
        return { ...exported, file: file.whole(mediaTypes[format]), name: exportName(account, format, new Date()) };
      } finally {
        wanted.delete(task);
      }
    },
    importHistory: async (task, file, passphrase, progress) => {
      const moved = (bytes: number, totalBytes: number): void => progress({ bytes, totalBytes });
      wanted.add(task);
      try {
        return await client.importHistory(file, passphrase, moved, () => !wanted.has(task));
      } finally {
        wanted.delete(task);
      }
    },
    cancelTask: async (task) => void wanted.delete(task),
  };
}

async function stepByStep<T>(
  first: Progress,
  progress: (progress: Progress) => void,
  call: () => Promise<T>,
): Promise<T> {
  progress(first);
  const result = await call();
  progress('done');
  return result;
}

/** A picture for a page. */
function pictureBlob({ bytes, contentType }: { bytes: Uint8Array; contentType: string }): Blob {
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: contentType });
}
