import type { notices as source } from '../en/notices';
import type { Translated } from '../message';

export const notices = {
  mention: '{who} hat dich genannt',
  mentionIn: '{who} hat dich in {where} genannt',
  reply: '{who} hat dir geantwortet',
  replyIn: '{who} hat dir in {where} geantwortet',
  reaction: '{who} hat mit {emoji} auf deine Nachricht reagiert',
  reactionIn: '{who} hat in {where} mit {emoji} auf deine Nachricht reagiert',
  addedBy: '{who} hat dich zu einer Gruppe hinzugefügt:',
  added: 'Du wurdest zu einer Gruppe hinzugefügt:',
  request: '{who} möchte dir schreiben',
  device: 'Ein neues Gerät hat sich bei deinem Konto angemeldet',
  notInIt: 'Du bist nicht mehr dabei.',
  requestHint: 'Niemand erfährt etwas von dir, bis du annimmst.',
  deviceHint: 'Wenn es nicht deins ist, entferne es.',
  deviceNamedHint: '{device}. Wenn es nicht deins ist, entferne es.',
  community: 'In deiner Nähe wurde eine Gemeinschaft gegründet',
  communityHint: 'Nahe dem Ort, den dein Profil nennt. Sieh sie dir an.',
  new: 'Neu:',
} satisfies Translated<typeof source>;
