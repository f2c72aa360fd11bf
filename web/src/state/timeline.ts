import type { Message } from '@sotto/client';

/**
 * The messages with the changed ones in their places: a message that was queued moves when the server has given it its
 * position. Positions order a chat; of two queued messages with one position the earlier one comes first.
 */
export function merged(messages: readonly Message[], changed: readonly Message[]): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  for (const message of changed) byId.set(message.id, message);
  return [...byId.values()].sort((a, b) => a.position - b.position || a.at - b.at);
}

/** What one row of the conversation shows beside its message. */
export interface Row {
  readonly message: Message;
  /** The first message of a day. */
  readonly opensDay: boolean;
  /** The first of several that one person wrote in a row. */
  readonly opensRun: boolean;
  /** The first message that was not read when the chat was opened. */
  readonly opensNew: boolean;
  /** The first of several that one member has told to this account, which came later. */
  readonly opensTold: boolean;
  /** The last that was told: what follows came from its sender. */
  readonly closesTold: boolean;
}

const RUN_GAP = 5 * 60 * 1000;

/**
 * `readBefore`: how far was read when the chat was opened, if there was more. `hasOlder`: there are messages before these, so
 * that the first of them need not be the first of its day, nor of what was told.
 */
export function rows(messages: readonly Message[], readBefore?: number, hasOlder = false): Row[] {
  const firstNew = readBefore === undefined ? -1 : messages.findIndex((message) => isUnread(message, readBefore));
  // If the page begins after it, it is not known whether that is the first.
  const opener = firstNew > 0 || (messages[0]?.position ?? 0) <= (readBefore ?? 0) + 1 ? firstNew : -1;
  let earlier = '';
  return messages.map((message, index) => {
    const [previous, next] = [messages[index - 1], messages[index + 1]];
    const teller = message.toldBy?.account;
    const isToldAnew = teller !== previous?.toldBy?.account;
    const opensTold = teller !== undefined && isToldAnew && (index > 0 || !hasOlder);
    const closesTold = teller !== undefined && next !== undefined && next.toldBy === undefined;
    const day = dayOf(message.at);
    const opensDay = day !== earlier && (index > 0 || !hasOlder);
    earlier = day;
    const opensNew = index === opener;
    const opensRun =
      opensDay ||
      opensNew ||
      isToldAnew ||
      !previous ||
      // What changed in the group stands between what was said.
      previous.body.kind === 'group-changes' ||
      previous.from.account !== message.from.account ||
      message.at - previous.at > RUN_GAP;
    return { message, opensDay, opensRun, opensNew, opensTold, closesTold };
  });
}

/** Whether nobody here has read it, `readTo` being read. What was told is of the time before one came: it is not news. */
export function isUnread({ own, position, toldBy }: Message, readTo: number): boolean {
  return !own && toldBy === undefined && position > readTo;
}

function dayOf(at: number): string {
  return new Date(at).toDateString();
}
