import type { state as source } from '../en/state';
import type { Translated } from '../message';

export const state = {
  copyRefused: 'Dein Browser lässt Sotto nicht kopieren. Markiere den Text und kopiere ihn von Hand.',
  notHere: 'Diese Nachricht ist nicht in diesem Browser: Sie ist älter als das, was er hat, oder wurde gelöscht.',
  notWoken:
    'Dieser Browser konnte nicht bei seinem Push-Dienst angemeldet werden, deshalb erfährst du von neuen Nachrichten nur, während Sotto in einem Tab offen ist. Schalte Benachrichtigungen aus und wieder ein, um es noch einmal zu versuchen.',
  intentFailed: 'Was du in „{title}“ wolltest, konnte nicht getan werden. {reason}',
} satisfies Translated<typeof source>;
