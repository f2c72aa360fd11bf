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
}

const RUN_GAP = 5 * 60 * 1000;

export function rows(messages: readonly Message[]): Row[] {
  return messages.map((message, index) => {
    const previous = messages[index - 1];
    const opensDay = !previous || dayOf(previous.at) !== dayOf(message.at);
    const opensRun =
      opensDay ||
      // What changed in the group stands between what was said.
      previous.body.kind === 'group-changes' ||
      previous.from.account !== message.from.account ||
      message.at - previous.at > RUN_GAP;
    return { message, opensDay, opensRun };
  });
}

function dayOf(at: number): string {
  return new Date(at).toDateString();
}
