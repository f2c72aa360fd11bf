import type { Account, Message } from '@sotto/client';
import type { FakeClient } from '../fake-client';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WORDS = 'we sang the second part again and it was better but the tenors came in late as they always do'.split(
  ' ',
);

/** A group into which alice came lately: bea, and then dimitri, have told her what was said before. */
export function addTold(client: FakeClient, now: number): void {
  const history = { since: { at: new Date(2026, 10, 3).getTime() } };
  const roles = { bea: 'owner', alice: 'admin', dimitri: 'member', yuki: 'member' } as const;
  client.hasGroup('choir', { title: 'Choir', roles, history });
  const [bea, dimitri] = [client.accountOf('bea'), client.accountOf('dimitri')];
  tell(client, ['yuki', 'dimitri'], bea, now - 3 * DAY);
  tell(client, ['bea', 'yuki'], dimitri, now - DAY);
  const ago = (minutes: number): Partial<Message> => ({ at: now - minutes * MINUTE });
  client.changed('choir', 'bea', [{ kind: 'added', who: client.accountOf('alice') }], ago(60));
  client.changed('choir', 'bea', [{ kind: 'history', history }], ago(58));
  client.saidIn('choir', 'bea', 'Welcome! We begin with the Bach.', ago(55));
  client.saidIn('choir', 'yuki', 'よろしく 🎶', ago(54));
  client.seenIn('choir');
}

/** 120 messages of several lengths that somebody tells, until a time. */
function tell(client: FakeClient, authors: readonly string[], toldBy: Account, until: number): void {
  for (let index = 0; index < 120; index += 1) {
    const length = 1 + ((index * 7919) % 60);
    const words = Array.from({ length }, (_, word) => WORDS[(index + word) % WORDS.length]);
    const at = until - (120 - index) * 9 * MINUTE;
    client.saidIn('choir', authors[index % 3 === 0 ? 0 : 1] ?? '', `${index + 1}. ${words.join(' ')}`, { at, toldBy });
  }
}
