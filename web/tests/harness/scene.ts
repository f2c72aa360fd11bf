import { FakeClient } from '../fake-client';

const DAY = 86_400_000;
const MINUTE = 60_000;

/** Stands in for the package's `connect`. `sessionStorage.scene` chooses what there is to see. */
export async function connect(): Promise<FakeClient> {
  const client = new FakeClient()
    .knows('bea', { displayName: 'Bea Okafor' })
    .knows('carol')
    .knows('dimitri', { displayName: 'Δημήτρης' })
    .knows('noor', { displayName: 'نور' })
    .knows('yuki', { displayName: '由紀' });
  for (let index = 1; index <= 45; index += 1) client.knows(`reader${index}`);
  const scene = sessionStorage.getItem('scene') ?? 'chats';
  if (scene === 'outside') return client;
  client.loggedInAs('alice');
  if (scene === 'quiet') return client;

  const now = Date.now();
  let position = 0;
  const at = (ago: number) => ({ at: now - ago, position: (position += 1) });
  const mine = (ago: number) => ({ ...at(ago), own: true as const });

  for (let index = 0; index < 180; index += 1)
    client.said('bea', `An older message, number ${index + 1}.`, at(9 * DAY - index * MINUTE));
  client.said('bea', 'Did you get the tickets for Saturday?', at(DAY + 90 * MINUTE));
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
  client.said('bea', 'Done! Two seats by the window.', mine(42 * MINUTE));
  client.said('bea', 'You are the best', at(40 * MINUTE));
  client.said('bea', 'شكراً جزيلاً! أراكِ يوم السبت 🌊', at(39 * MINUTE));
  client.said('bea', 'Saturday it is', mine(3 * MINUTE));
  client.said('bea', 'Packing list:\n– towels\n– the good olives\n– a book you will not read', {
    ...mine(MINUTE),
    state: 'queued',
  });
  client.seen('bea');

  client.said('carol', 'Are you coming on Thursday?', at(3 * DAY));
  client.said('noor', 'هل وصلت الرسالة؟', at(200 * MINUTE));
  client.said('noor', 'أنا في المقهى', at(190 * MINUTE));
  client.said('yuki', 'また明日ね', at(2 * DAY));
  client.seen('yuki');
  client.said('dimitri', 'Θα τα πούμε αύριο το πρωί, έτσι;', { ...mine(DAY), state: 'accepted' });
  if (scene === 'changed') client.changesIdentity('bea');
  if (scene === 'offline') client.goes('offline');
  return client;
}
