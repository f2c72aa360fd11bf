import type { notificationSettings as source } from '../en/notificationSettings';
import type { Translated } from '../message';

export const notificationSettings = {
  example: 'So ungefähr sieht es aus:',
  now: 'jetzt',
  showsWords: 'Wer geschrieben hat, und was',
  showsNames: 'Wer geschrieben hat',
  showsNothing: 'Nur, dass es etwas Neues gibt',
  showsNothingHint: 'Wer deinen Bildschirm sieht, erfährt nicht mehr.',
  everyMessage: 'Jede Nachricht',
  onlyNamed: 'Nur wenn dich jemand nennt',
  exampleBody: 'Treffen wir uns um sieben am See?',
  exampleName: 'Ada',
  homeScreen: 'Auf einem iPhone oder iPad gehen Benachrichtigungen, wenn Sotto auf deinem Home-Bildschirm ist.',
  homeScreen1: 'Tippe auf die Teilen-Taste deines Browsers.',
  homeScreen2: 'Wähle „Zum Home-Bildschirm“.',
  homeScreen3: 'Öffne Sotto von dort, melde dich an und komme auf diese Seite zurück.',
  unsupported:
    'Dieser Browser kann keine Benachrichtigungen zeigen. Aktuelle Versionen von Firefox, Chrome, Edge und Safari können es, in einem Fenster, das nicht privat ist.',
  denied: 'Dein Browser lässt Sotto keine Benachrichtigungen zeigen.',
  denied1: 'Drücke auf das Zeichen vor der Adresse dieser Seite, ein Schloss oder zwei Regler.',
  denied2:
    'Suche „Benachrichtigungen“, vielleicht unter „Berechtigungen“ oder „Website-Einstellungen“, und wähle „Zulassen“.',
  denied3: 'Lade diese Seite neu.',
  deniedHint:
    'Wenn sie dort erlaubt sind, hält vielleicht dein System sie zurück: Suche deinen Browser in dessen Benachrichtigungseinstellungen.',
  push: 'Wenn sie an sind, kann dieser Browser vom Push-Dienst seines Herstellers geweckt werden, obwohl kein Tab von Sotto offen ist. Dieser Dienst erfährt, wann etwas für dich gekommen ist, und sonst nichts: nicht von wem, nicht was, nicht wie viel. Die Nachrichten werden hier geholt und entschlüsselt.',
  next: 'Als Nächstes fragt dich dein Browser. Wähle „Zulassen“.',
  turnOn: 'Benachrichtigungen einschalten',
  turnOff: 'Benachrichtigungen ausschalten',
  shows: 'Was sie zeigen',
  showOne: 'Zeig mir eine',
  groups: 'In Gruppen',
  muted:
    'Stummgeschaltete Chats bleiben still, außer jemand nennt dich dort. Nachrichten, die verschwinden, und flüchtige werden angekündigt und nie zitiert. Was eine Benachrichtigung zeigt, ist bei deinem System, solange sie dort steht.',
  off: '<strong>Sie sind aus.</strong> Du erfährst von neuen Nachrichten, wenn du Sotto öffnest.',
  on: '<strong>Sie sind an.</strong> Du erfährst hier von neuen Nachrichten, auch wenn kein Tab von Sotto offen ist.',
} satisfies Translated<typeof source>;
