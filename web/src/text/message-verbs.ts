import type { Message } from '@sotto/client';

/**
 * What can be done with a message. `save`: its file, to the disk. `delete`: for everybody. `delete-here`: on this device. `report`: to those
 * who look after the server.
 */
export type Verb =
  'reply' | 'react' | 'edit' | 'copy' | 'save' | 'forward' | 'pin' | 'star' | 'delete' | 'delete-here' | 'report';

/** Where a message is, as far as it matters for what can be done with it. */
export interface Place {
  readonly kind: 'direct' | 'group' | 'notes';
  /** Whether this account can say something there now. */
  readonly mayWrite: boolean;
  /** Whether it holds an office in the group. */
  readonly holdsOffice: boolean;
}

/** What this account can do with a message. The clients of the others refuse anything else, whatever is offered here. */
export function verbsFor(message: Message, place: Place): ReadonlySet<Verb> {
  const verbs = new Set<Verb>();
  const { body, state, own } = message;
  const isText = body.kind === 'text';
  if (body.kind === 'group-changes') return verbs;
  const isFile = body.kind === 'file';
  if (isText || (isFile && body.caption !== '')) verbs.add('copy');
  if (state === 'queued') {
    if (isText) verbs.add('edit');
    return verbs.add('delete');
  }
  if (state === 'failed') return verbs.add('delete-here');
  if (!own && (isText || isFile)) verbs.add('report');
  if (message.retention.kind === 'never') {
    // It is nowhere but on this screen.
    if (place.mayWrite) verbs.add('reply');
    return verbs;
  }
  verbs.add('delete-here');
  if (body.kind === 'deleted') return verbs;
  if (isFile) verbs.add('save');
  // It concerns nobody else.
  verbs.add('star');
  // What is not to be kept is not to be carried on.
  if ((isText || isFile) && message.retention.kind === 'keep') verbs.add('forward');
  if (!place.mayWrite) return verbs;
  verbs.add('reply').add('react');
  if (own && isText) verbs.add('edit');
  if (place.kind !== 'group' || place.holdsOffice) verbs.add('pin');
  if (own || (place.kind === 'group' && place.holdsOffice)) verbs.add('delete');
  return verbs;
}
