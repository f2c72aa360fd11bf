import type { actions as source } from '../en/actions';
import type { Translated } from '../message';

export const actions = {
  cancel: 'Abbrechen',
  close: 'Schließen',
  back: 'Zurück',
  done: 'Fertig',
  save: 'Speichern',
  saving: 'Wird gespeichert …',
  show: 'Zeigen',
  hide: 'Verbergen',
  more: 'Mehr',
  showMore: 'Mehr zeigen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  somebody: 'Jemand',
  you: 'Du',
  rename: 'Umbenennen',
  remove: 'Entfernen',
  send: 'Senden',
  delete: 'Löschen',
  tryAgain: 'Noch einmal versuchen',
} satisfies Translated<typeof source>;
