import { FakeClient } from '../fake-client';
import { quoteOf } from '../fake-messages';
import { addAdministration } from './administration-scene';
import { addCommunities } from './communities-scene';
import { addFiles } from './files-scene';
import { fill } from './long-chat';
import { addSite } from './site-scene';
import { addTold } from './told-scene';

const DAY = 86_400_000;
const MINUTE = 60_000;

/** Stands in for the package's: somebody is there while this tab has the focus. */
export const isSomebodyThere = async (): Promise<boolean> => document.hasFocus();

/** Stands in for the package's. */
export const hasPasskeys = (): boolean => true;
export const siteFile = (name: string): string => `data:,${name}`;

/** Stands in for the package's `connect`. `sessionStorage.scene` chooses what there is to see. */
export async function connect(): Promise<FakeClient> {
  const client = new FakeClient()
    .knows('bea', { displayName: 'Bea Okafor' })
    .knows('carol')
    .knows('dimitri', { displayName: 'Δημήτρης' })
    .knows('noor', { displayName: 'نور' })
    .knows('yuki', { displayName: '由紀' });
  for (let index = 1; index <= 45; index += 1) client.knows(`reader${index}`);
  client.hasPasskeys = true;
  const scene = sessionStorage.getItem('scene') ?? 'chats';
  if (scene === 'site') addSite(client);
  if (scene === 'outside' || scene === 'site') return client;
  if (scene === 'invited') return client.takes('invited', 'X7KD-2M4P-QRST-VWXY');
  if (scene === 'closed') return client.takes('closed');
  if (scene === 'provider') {
    // Somebody whom it knows comes back to this tab.
    sessionStorage.setItem('sotto.oidc', 'pending');
    client.isAt({ name: 'Example University', registration: true }, { suggestedName: 'ada', registration: true });
    return client.takes('closed');
  }
  client.loggedInAs('alice');
  client
    .hasDevice('browser', { name: 'Firefox on Linux', isThis: true })
    .hasDevice('phone', { name: 'Phone', isVerified: true });
  client.ownPasskeys.set('telephone', { passkey: 'telephone', name: 'Telephone', addedAt: Date.now() - 9 * DAY });
  client.isAt({ name: 'Example University' }).linkedAt = Date.now() - 9 * DAY;
  client.profiles.set('bea', {
    about: 'Mends boats, and what else leaks.\nAsk me about varnish.',
    place: 'Lindau',
    location: { latitude: 47.5, longitude: 9.7 },
    createdAt: Date.now() - 400 * DAY,
    picture: { large: 'large-bea', small: 'small-bea' },
  });
  client.profiles.set('dimitri', { picture: { large: 'large-dimitri', small: 'small-dimitri' } });
  client.profiles.set('yuki', { isBot: true });
  client.profiles.set('reader3', { isBot: true });
  // For what a browser test does behind the page's back.
  Object.assign(globalThis, { fake: client });
  if (scene === 'quiet') return client;
  if (scene === 'administration') {
    addAdministration(client, Date.now());
    return client;
  }
  if (scene === 'communities') {
    addCommunities(client, Date.now());
    return client;
  }
  if (scene === 'files') {
    await addFiles(client, Date.now());
    return client;
  }
  if (scene === 'told') {
    addTold(client, Date.now());
    return client;
  }

  const now = Date.now();
  const long = /^(long|unread)-(\d+)$/.exec(scene);
  if (long) {
    const chat = fill(client, 'bea', Number(long[2]), now);
    if (long[1] === 'unread') client.seenTo(chat, Number(long[2]) - 120);
    return client;
  }
  let position = 0;
  const at = (ago: number) => ({ at: now - ago, position: (position += 1) });
  const mine = (ago: number) => ({ ...at(ago), own: true as const });

  for (let index = 0; index < 180; index += 1)
    client.said('bea', `An older message, number ${index + 1}.`, at(9 * DAY - index * MINUTE));
  const asked = client.said('bea', 'Did you get the tickets for Saturday?', at(DAY + 90 * MINUTE));
  client.said(
    'bea',
    'The early train is better, I think. We could have breakfast there and still be at the lake before everyone else.',
    at(DAY + 89 * MINUTE),
  );
  client.said(
    'bea',
    'Not yet, tonight. https://trains.example/timetable?from=here (the 7:42)',
    mine(DAY + 60 * MINUTE),
  );
  client.said('bea', '🚂🥐', at(DAY + 58 * MINUTE));
  const done = client.said('bea', 'Done! Two seats by the window.', {
    ...mine(42 * MINUTE),
    replyTo: quoteOf(asked),
  });
  client.edits(done, 'Done! *Two seats* by the window, in the `7:42`.', now - 41 * MINUTE);
  client.reacts('bea', done, '🎉');
  client.reacts('alice', done, '🎉');
  client.reacts('bea', done, '❤️');
  client.pins(asked);
  client.pins(done);
  client.deletes('bea', client.said('bea', 'Wrong chat', at(41.5 * MINUTE)));
  client.said('bea', '> by the window\n_Perfect._ ~I bring a chair.~\n```\n7:42  platform 3\n9:10  the lake\n```', {
    ...at(41 * MINUTE),
    body: {
      kind: 'text',
      text: '> by the window\n_Perfect._ ~I bring a chair.~\n```\n7:42  platform 3\n9:10  the lake\n```',
      isForwarded: true,
    },
  });
  client.said('bea', 'You are the best', at(40 * MINUTE));
  client.said('bea', 'شكراً جزيلاً! أراكِ يوم السبت 🌊', at(39 * MINUTE));
  const agreed = client.said('bea', 'Saturday it is', mine(3 * MINUTE));
  client.said('bea', 'Packing list:\n– towels\n– the good olives\n– a book you will not read', {
    ...mine(MINUTE),
    state: 'queued',
  });
  client.seen('bea');
  const bea = client.accountOf('bea');
  client.others.reads(done.chat, bea, done.position);
  client.others.delivers(agreed.chat, bea, agreed.position);
  client.others.isThere(bea, { kind: 'last-seen', at: now - 12 * MINUTE });

  client.said('carol', 'Are you coming on Thursday?', at(3 * DAY));
  client.said('noor', 'هل وصلت الرسالة؟', at(200 * MINUTE));
  client.said('noor', 'أنا في المقهى', at(190 * MINUTE));
  client.said('yuki', 'また明日ね', at(2 * DAY));
  client.seen('yuki');
  client.stars(asked);
  client.stars(done);
  client.said('dimitri', 'Θα τα πούμε αύριο το πρωί, έτσι;', { ...mine(DAY), state: 'accepted' });
  addGroups(client, now);
  if (scene === 'notices') addNotices(client, now);
  for (const { chat, kind } of await client.chats()) {
    const name = kind.kind === 'direct' ? kind.with.name : '';
    if (name === 'carol') client.drafts.set(chat, { text: 'Thursday is *fine*, if the train' });
    if (name === 'yuki') client.archives(chat);
    if (chat === 'library') client.mutes(chat, now + 8 * 60 * MINUTE);
  }
  if (scene === 'typing') {
    // When the pages listen.
    setTimeout(() => {
      client.others.types(agreed.chat, bea);
      client.others.types('rowing', client.accountOf('noor'));
    }, 1000);
  }
  if (scene === 'changed') client.changesIdentity('bea');
  if (scene === 'offline') client.goes('offline');
  return client;
}

/** Notices of every kind. */
function addNotices(client: FakeClient, now: number): void {
  const ago = (minutes: number) => ({ at: now - minutes * MINUTE });
  const seen = (minutes: number) => ({ ...ago(minutes), isNew: false });
  const who = (name: string) => client.accountOf(name);
  const named = client.saidIn('rowing', 'bea', '@alice can you bring the thermos again?', {
    ...ago(17),
    mentionsOwn: true,
  });
  const own = client.saidIn('rowing', 'alice', 'The oars are in the shed, the key is where it always is.', ago(16));
  const answer = client.saidIn(
    'rowing',
    'yuki',
    'Found them, and the nest of a wren in the roof. We leave that door open now, so please lock the gate below when you are the last.',
    {
      ...ago(15),
      replyTo: quoteOf(own),
    },
  );
  client.happens({ kind: 'device', device: 'd', name: 'Firefox on Windows' }, ago(4));
  client.happens({ kind: 'reply', message: answer }, ago(15));
  client.happens({ kind: 'mention', message: named }, ago(17));
  client.happens({ kind: 'reaction', message: own, by: who('dimitri'), emoji: '🛶' }, seen(60 * 5));
  client.happens({ kind: 'added', chat: 'library', by: who('carol') }, seen(60 * 27));
  client.happens({ kind: 'added', chat: 'gone', by: who('noor') }, seen(60 * 50));
  client.happens({ kind: 'request', chat: client.requested('reader5'), by: who('reader5') }, seen(60 * 24 * 9));
}

/** Groups of every kind: one's own, another's, one that one has left, and listed ones to be found. */
function addGroups(client: FakeClient, now: number): void {
  const readers = Object.fromEntries(
    Array.from({ length: 45 }, (_, index) => [`reader${index + 1}`, 'member' as const]),
  );
  client
    .hasGroup('rowing', {
      title: 'Rowing on Sundays',
      description: 'Eight seats, one old boat, and whoever is awake.\nMeet at the jetty at 7.',
      joinPolicy: { kind: 'invite', by: 'members' },
      roles: { alice: 'owner', bea: 'admin', dimitri: 'member', noor: 'member', yuki: 'member' },
      banned: ['carol'],
    })
    .hasGroup('library', {
      title: 'Library',
      description: 'What we read, and what we gave up on.',
      joinPolicy: { kind: 'open' },
      isListed: true,
      roles: { carol: 'owner', alice: 'member', bea: 'admin', ...readers },
    })
    .hasGroup('untold', { roles: { bea: 'owner', alice: 'member' } })
    .hasGroup('past', { title: 'Flat in Elm Street', roles: { dimitri: 'owner', yuki: 'member' } })
    .hasGroup('bakers', {
      title: 'Bakers of the river side',
      description:
        'Sourdough, failures and the address of the mill. Everybody who has ever burned a loaf is welcome here.',
      joinPolicy: { kind: 'open' },
      isListed: true,
      isKnown: false,
      roles: { dimitri: 'owner', yuki: 'member', bea: 'member' },
    })
    .hasGroup('bees', {
      title: 'Beekeepers',
      description: 'Three hives behind the church.',
      joinPolicy: { kind: 'approval', by: { kind: 'any-admin' } },
      isListed: true,
      isKnown: false,
      roles: { noor: 'owner' },
    });
  const who = (name: string) => client.accountOf(name);
  const ago = (minutes: number) => ({ at: now - minutes * MINUTE });
  client.changed(
    'rowing',
    'alice',
    [
      { kind: 'added', who: who('bea') },
      { kind: 'added', who: who('noor') },
    ],
    ago(300),
  );
  client.saidIn('rowing', 'bea', 'Who takes the second oar on Sunday?', ago(290));
  client.saidIn('rowing', 'bea', '', {
    ...ago(289),
    body: {
      kind: 'text',
      text: '@alice can you? @carol cannot.',
      mentions: [
        { start: 0, end: 6, account: who('alice').account },
        { start: 16, end: 22, account: who('carol').account },
      ],
    },
    mentionsOwn: true,
  });
  client.saidIn('rowing', 'noor', 'أنا أستطيع', ago(280));
  const eight = client.saidIn('rowing', 'alice', 'Then we are eight. I bring the thermos.', ago(275));
  client.others.reads('rowing', who('bea'), eight.position);
  client.others.reads('rowing', who('yuki'), eight.position);
  client.others.delivers('rowing', who('noor'), eight.position);
  client.changed(
    'rowing',
    'bea',
    [
      { kind: 'added', who: who('dimitri') },
      { kind: 'added', who: who('yuki') },
    ],
    ago(200),
  );
  client.changed(
    'rowing',
    'bea',
    [
      { kind: 'removed', who: who('carol') },
      { kind: 'banned', who: who('carol') },
      { kind: 'title', title: 'Rowing on Sundays' },
    ],
    ago(190),
  );
  client.saidIn('rowing', 'dimitri', 'Καλημέρα σε όλους! The boat has a new plank. 🛶', ago(20));
  client.saidIn('rowing', 'yuki', '🎉', ago(18));
  client.seenIn('rowing');
  client.asks('reader3', 'rowing').asks('reader12', 'rowing');
  client.saidIn('library', 'reader7', '@alice, page 200, and I still do not know who the narrator is.', {
    ...ago(33),
    mentionsOwn: true,
  });
  client.saidIn('past', 'alice', 'Keys are on the table.', ago(60 * 24 * 20));
  client.changed('past', 'dimitri', [{ kind: 'removed', who: who('alice') }], ago(60 * 24 * 19));
  client.seenIn('past');
}
