import type { problems as source } from '../en/problems';
import type { Translated } from '../message';

export const problems = {
  'invalid-name':
    'Das ist kein gültiger Name. Verwende 2 bis 32 kleine Buchstaben, Ziffern, Punkte, Bindestriche oder Unterstriche.',
  'name-taken': 'Diesen Namen hat schon jemand. Bitte wähle einen anderen.',
  'wrong-credentials': 'Der Name oder das Passwort ist falsch.',
  'device-link-refused':
    'Dieser Code ist falsch, wurde schon benutzt oder ist zu alt. Lass das andere Gerät einen neuen zeigen.',
  'invalid-device-link-code': 'Das ist nicht der Code eines anderen Geräts. Bitte kopiere ihn ganz.',
  'invalid-recovery-code':
    'Eines der Wörter ist falsch oder fehlt. Bitte vergleiche sie eines nach dem anderen mit deinem Papier.',
  'invalid-safety-code': 'Das ist kein Sicherheitscode. Bitte kopiere ihn ganz.',
  'invalid-device-name': 'Der Name eines Geräts hat 1 bis 64 Zeichen in einer Zeile.',
  'device-not-found': 'Dieses Gerät ist nicht mehr eines von deinen.',
  'this-device': 'Das ist das Gerät, das du gerade benutzt. Melde dich stattdessen ab.',
  'login-expired': 'Das hat zu lange gedauert. Bitte versuche es noch einmal.',
  'session-ended': 'Du wurdest abgemeldet. Bitte melde dich wieder an.',
  'token-expired': 'Du wurdest abgemeldet. Bitte melde dich wieder an.',
  unauthenticated: 'Bitte melde dich zuerst an.',
  forbidden: 'Das darfst du nicht.',
  'user-not-found': 'Niemand hier hat diesen Namen.',
  'too-many-devices': 'Dieses Konto wird auf so vielen Geräten benutzt, wie es darf. Entferne zuerst eines.',
  'no-key-package': 'Diese Person ist noch nicht erreichbar. Versuche es noch einmal, wenn sie online war.',
  'chat-not-found': 'Diesen Chat gibt es nicht, oder du bist nicht dabei.',
  'group-not-found': 'Diese Gruppe gibt es nicht oder nicht mehr.',
  'not-a-group': 'Dieser Chat ist keine Gruppe.',
  'not-a-member': 'Du bist nicht mehr in dieser Gruppe.',
  'invalid-retention': 'So lange können Nachrichten nicht aufbewahrt werden.',
  'membership-refused': 'Die Gruppe erlaubt das nicht. Frage ihren Eigentümer oder einen Admin.',
  'group-full': 'Die Gruppe hätte mehr Geräte, als sie haben kann. Eine große Gruppe kann mehr haben.',
  'request-not-found': 'Das wurde schon beantwortet oder zurückgezogen.',
  'too-many-requests': 'Es warten schon zu viele Beitrittsanfragen. Bitte versuche es später noch einmal.',
  'statement-refused': 'Eine Zustimmung, auf der das beruht, gilt nicht mehr. Versuche es noch einmal.',
  'group-info-refused': 'Der Server hat diese Änderung nicht angenommen. Versuche es noch einmal.',
  'office-refused': 'Die Identität dieser Person hat sich geändert. Prüfe sie, bevor du ihr eine Rolle gibst.',
  'invitation-refused': 'Dieser Einladungslink gilt nicht mehr. Frage nach einem neuen.',
  'invalid-invite-link': 'Das ist kein ganzer Einladungslink. Kopiere ihn noch einmal, oder frage nach einem neuen.',
  'no-group-key':
    'Dieser Browser hat den Schlüssel der Gruppe noch nicht. Er kommt von selbst, wenn ein anderes Gerät des Eigentümers oder eines Admins online ist.',
  'stale-profile': 'Jemand anders hat das gerade geändert. Bitte sieh es dir an und versuche es noch einmal.',
  'invalid-request': 'So geht das nicht. Bitte prüfe, was du eingegeben hast.',
  'identity-changed': 'Die Identität dieser Person hat sich geändert. Prüfe sie, bevor du weiterschreibst.',
  blocked: 'Du hast diese Person blockiert. Hebe das zuerst in den Einstellungen auf.',
  undeliverable: 'Diese Person nimmt keine Nachrichten von dir an.',
  'too-many-blocks': 'Du blockierst so viele Konten, wie du darfst.',
  'too-large': 'Das ist größer, als dieser Server annimmt.',
  'blob-too-large': 'Diese Datei ist größer, als dieser Server annimmt.',
  'quota-exceeded':
    'Dieser Server bewahrt keine weiteren Dateien für dein Konto auf. Lösche einige, die du gesendet hast, und versuche es dann noch einmal.',
  'too-many-blobs':
    'Dieser Server bewahrt keine weiteren Dateien für dein Konto auf. Lösche einige, die du gesendet hast, und versuche es dann noch einmal.',
  'too-many-uploads': 'Es werden schon zu viele Dateien gesendet. Es geht weiter, wenn einige davon fertig sind.',
  'file-differs': 'Das ist eine andere Datei. Wähle die, die du zu senden begonnen hast.',
  'file-unreadable': 'Dein Browser lässt diese Datei nicht mehr lesen. Wurde sie verschoben, geändert oder gelöscht?',
  'file-damaged': 'Was der Server von dieser Datei hat, wurde verändert, deshalb wird sie nicht geöffnet.',
  'file-gone': 'Diese Datei ist nicht mehr auf dem Server: Sie wurde gelöscht, oder ihre Zeit ist vorbei.',
  'invalid-picture':
    'Dieses Bild ist beschädigt, deshalb konnte nicht herausgenommen werden, was in ihm steht. Es wurde nicht gesendet.',
  'file-too-large': 'Diese Datei ist zu groß, um hier gezeigt zu werden. Speichere sie stattdessen.',
  'cannot-stream':
    'Diese Datei ist zu groß, um aus diesem Fenster gespeichert zu werden. Lade die Seite neu, oder öffne Sotto in einem Fenster, das nicht privat ist.',
  'no-service-worker':
    'Dieses Fenster kann keine Benachrichtigungen zeigen. Lade die Seite neu, oder verwende eines, das nicht privat ist.',
  'endpoint-refused': 'Dieser Server sendet nichts an den Push-Dienst dieses Browsers. Frage, wer ihn betreibt.',
  offline: 'Der Server ist nicht erreichbar. Bitte versuche es noch einmal, wenn du verbunden bist.',
  'rate-limited': 'Das war etwas schnell. Bitte warte einen Moment und versuche es noch einmal.',
  internal: 'Etwas ist schiefgegangen. Bitte versuche es noch einmal.',
  unavailable: 'Der Server ist ausgelastet oder startet neu. Bitte versuche es gleich noch einmal.',
  'registration-closed': 'Dieser Server nimmt keine neuen Konten an.',
  'invite-required':
    'Du brauchst einen Einladungscode, um hier ein Konto zu erstellen. Frage danach, wer diesen Server betreibt.',
  'invite-invalid': 'Dieser Einladungscode gilt nicht: Er wurde falsch eingegeben, schon benutzt oder ist zu alt.',
  'captcha-required': 'Die Prüfung, dass du kein Roboter bist, ist nicht gelungen. Bitte versuche es noch einmal.',
  'captcha-invalid': 'Die Prüfung, dass du kein Roboter bist, ist nicht gelungen. Bitte versuche es noch einmal.',
  timeout: 'Der Server hat zu lange für die Antwort gebraucht. Bitte versuche es noch einmal.',
  unreachable: 'Der Server ist nicht erreichbar. Bitte versuche es noch einmal, wenn du verbunden bist.',
  'logged-in': 'Hier ist schon jemand angemeldet. Melde dich zuerst ab.',
  'another-account':
    'Die Nachrichten in diesem Browser gehören zu einem anderen Konto. Melde dich mit diesem an und zuerst von ihm ab.',
  'password-length': 'Dieses Passwort ist zu kurz oder zu lang.',
  'with-oneself': 'Das bist du.',
  'invalid-file':
    'Diese Datei kann nicht gesendet werden: Ihr Name, Typ oder ihre Größe ist nichts, was eine Datei haben kann.',
  cancelled: 'Das wurde abgebrochen.',
  'passphrase-length': 'Die Passphrase eines Exports hat mindestens 12 Zeichen und höchstens 1.024 Bytes.',
  'wrong-passphrase':
    'Diese Passphrase öffnet diesen Export nicht. Achte auf Großbuchstaben und Leerzeichen und versuche es noch einmal.',
  'not-an-export':
    'Das ist kein verschlüsselter Export oder einer von einer neueren Version von Sotto. Exporte, die zum Lesen gemacht sind, können nicht zurückgeholt werden.',
  'export-damaged':
    'Dieser Export wurde abgeschnitten oder verändert. Was vor dem Schaden kam, ist jetzt hier; nichts danach wurde verwendet.',
  'another-accounts-export': 'Dieser Export gehört zu einem anderen Konto. Er kann nur dort zurückgeholt werden.',
  'text-empty': 'Es gibt noch nichts zu senden.',
  'message-not-found': 'Diese Nachricht ist nicht mehr hier.',
  'message-refused': 'Das geht mit dieser Nachricht nicht.',
  'not-sent-yet': 'Diese Nachricht ist noch nicht gesendet. Bitte warte, bis sie es ist.',
  'invalid-mention': 'In dieser Nachricht werden mehr Personen genannt, als eine Nachricht nennen kann.',
  'too-many-stars': 'So viele Nachrichten sind markiert, wie es geht. Entferne zuerst den Stern einer anderen.',
  'invalid-reaction': 'Das ist keine Reaktion. Bitte wähle ein Emoji.',
  untrusted:
    'Was der Server geantwortet hat, passt nicht zu dem, was vorher bekannt war, deshalb wurde nichts damit gemacht.',
  store: 'Dein Browser wollte das nicht speichern. Ist noch Platz frei, oder ist das ein privates Fenster?',
  closed: 'Der Client hat angehalten. Bitte lade die Seite neu.',
  interrupted: 'Ein anderer Tab wurde geschlossen, während er daran arbeitete. Bitte sieh nach, ob es erledigt wurde.',
  crashed: 'Sotto funktioniert in diesem Tab nicht mehr. Bitte lade die Seite neu.',
  'not-loaded': 'Sotto konnte nicht geladen werden. Bitte lade die Seite neu.',
  unsupported:
    'Dieser Browser ist zu alt für Sotto, oder er blockiert, was Sotto braucht. Bitte aktualisiere ihn oder verwende einen anderen.',
  unknown: 'Etwas ist schiefgegangen. Bitte lade die Seite neu und versuche es noch einmal.',
  unknownCode: 'Etwas ist schiefgegangen ({code}). Bitte versuche es noch einmal.',
} satisfies Translated<typeof source>;
