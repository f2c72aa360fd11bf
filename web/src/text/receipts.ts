import type { Receipt } from '@sotto/client';

/** How far what one wrote has come: to the server, to every other member, or before everybody's eyes. */
export type Reach = 'sent' | 'delivered' | 'read';

/** How far a message at a position is with every other member whom it concerns. */
export function reachOf(position: number, receipts: readonly Receipt[]): Reach {
  const concerned = receipts.filter(({ since }) => since < position);
  if (concerned.length === 0) return 'sent';
  if (concerned.every(({ read }) => position <= read)) return 'read';
  return concerned.every((receipt) => position <= arrived(receipt)) ? 'delivered' : 'sent';
}

/** The other members whom the message at a position concerns, by how far they are with it. */
export function readersOf(position: number, receipts: readonly Receipt[]): Readonly<Record<Reach, readonly Receipt[]>> {
  const readers: Record<Reach, Receipt[]> = { sent: [], delivered: [], read: [] };
  for (const receipt of receipts) {
    if (receipt.since < position) readers[reachOf(position, [receipt])].push(receipt);
  }
  return readers;
}

/** What was read has arrived, also where only the one is told. */
function arrived({ delivered, read }: Receipt): number {
  return Math.max(delivered, read);
}
