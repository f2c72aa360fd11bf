import type { profile as source } from '../en/profile';
import type { Translated } from '../message';

export const profile = {
  title: 'Dein Profil',
  hint: 'Alle auf diesem Server können es sehen. Es ist nicht verschlüsselt.',
  edit: 'Profil bearbeiten',
  displayName: 'Anzeigename',
  displayNameHint: 'So sehen dich andere, neben deinem Namen @{name}. Lass ihn leer, um so genannt zu werden.',
  about: 'Über dich',
  place: 'Ort',
  placeHint: 'In deinen eigenen Worten, zum Beispiel eine Stadt. Lass ihn leer, wenn es niemand wissen muss.',
  location: 'Ungefähre Position',
  locationHint:
    'Damit Leute in deiner Nähe dich finden. Sie wird auf etwa 11 km gerundet, bevor sie diesen Browser verlässt.',
  locationIs: 'Du bist irgendwo bei {latitude}°, {longitude}°.',
  useLocation: 'Meine Position benutzen',
  findingLocation: 'Der Browser wird gefragt …',
  noLocation: 'Der Browser hat nicht gesagt, wo du bist.',
  removeLocation: 'Wegnehmen',
  listed: 'In Suchen zu finden',
  listedHint: 'Ist das aus, finden dich nur die, die deinen ganzen Namen kennen.',
  picture: 'Bild',
  choosePicture: 'Bild wählen',
  chooseCover: 'Titelbild wählen',
  cover: 'Titelbild',
  pictureHint:
    'Aus der Mitte wird ein Quadrat geschnitten. Was sonst in der Datei steht, zum Beispiel der Aufnahmeort, verlässt diesen Browser nicht.',
  coverHint: 'Es steht hinter deinem Namen, dreimal so breit wie hoch.',
  remove: 'Wegnehmen',
  notAPicture: 'Das ist kein Bild, das dieser Browser lesen kann.',
  saved: 'Dein Profil ist gespeichert.',
  reading: 'Dein Profil wird gelesen …',
} satisfies Translated<typeof source>;
