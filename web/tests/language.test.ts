import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ar } from '../src/language/ar';
import { current, isKey, perLanguage, speak, t } from '../src/language/catalogue';
import { en } from '../src/language/en';
import { isolated } from '../src/language/isolation';
import { localeOf, preferred } from '../src/language/languages';
import { pageLanguage } from '../src/language/language.svelte';
import { piecesOf } from '../src/language/message';
import Sentence from '../src/language/Sentence.svelte';
import { open } from './app';
import { FakeClient } from './fake-client';

const [FSI, PDI] = ['\u2068', '\u2069'];

afterEach(async () => {
  vi.restoreAllMocks();
  await pageLanguage.choose(undefined);
});

describe('the language', () => {
  it('is the first of the browser’s that there is, with the dates and numbers of its region', () => {
    expect(preferred(['fr-FR', 'ar-EG', 'de'])).toBe('ar');
    expect(preferred(['de-AT'])).toBe('de');
    expect(preferred(['ja', 'fr'])).toBe('en');
    expect(preferred([])).toBe('en');
    expect(localeOf('de', ['fr', 'de-AT', 'de-DE'])).toBe('de-AT');
    expect(localeOf('en', ['ja'])).toBe('en');
    expect(localeOf('en', ['en_nonsense-1'])).toBe('en');
  });

  it('is chosen in the settings, written at once on all that is shown, and kept', async () => {
    open(new FakeClient().loggedInAs('alice'), '/settings');
    await fireEvent.change(await screen.findByRole('combobox', { name: 'Language' }), { target: { value: 'ar' } });
    await screen.findByRole('heading', { name: ar.settings.title });
    expect(document.documentElement).toMatchObject({ lang: 'ar', dir: 'rtl' });
    expect(localStorage.getItem('language')).toBe('ar');
    expect(screen.getByRole('link', { name: ar.app.groups })).toBeTruthy();

    // In another tab it is changed again, and then left to the browser.
    localStorage.setItem('language', 'de');
    window.dispatchEvent(new StorageEvent('storage', { key: 'language' }));
    await screen.findByRole('heading', { name: 'Einstellungen' });
    expect(document.documentElement).toMatchObject({ lang: 'de', dir: 'ltr' });
    await fireEvent.change(screen.getByRole('combobox', { name: 'Sprache' }), { target: { value: '' } });
    await waitFor(() => expect(document.documentElement.lang).toBe('en'));
    expect(localStorage.getItem('language')).toBeNull();
  });

  it('can be chosen by whoever is not logged in', async () => {
    open(new FakeClient(), '/login');
    await fireEvent.change(await screen.findByRole('combobox', { name: 'Language' }), { target: { value: 'de' } });
    await screen.findByRole('link', { name: 'Über Sotto' });
  });
});

describe('a message', () => {
  it('is said in the plural that its language has for a number', () => {
    const said = (count: number) => t('chat.newCount', { count });
    expect([0, 1, 2, 5000].map(said)).toEqual([
      '0 new messages',
      '1 new message',
      '2 new messages',
      '5,000 new messages',
    ]);
    speak('ar', 'ar-EG', ar);
    const { zero, one, two, few, many, other } = ar.chat.newCount;
    const written = (text: string | undefined, count: string) => text?.replace('{count}', count);
    expect([0, 1, 2, 3, 11, 100].map(said)).toEqual([
      written(zero, ''),
      written(one, ''),
      written(two, ''),
      written(few, '٣'),
      written(many, '١١'),
      written(other, '١٠٠'),
    ]);
  });

  it('isolates a name that would turn what is beside it, and nothing else', () => {
    expect(t('people.unblockThis', { name: 'bea' })).toBe('Unblock bea');
    expect(t('people.unblockThis', { name: 'نور' })).toBe(`Unblock ${FSI}نور${PDI}`);
    speak('ar', 'ar', ar);
    expect(t('people.unblockThis', { name: 'bea' })).toContain(`${FSI}bea${PDI}`);
    // One that tries to get out stays within, and one that leaves something open has it closed.
    expect(isolated(`bea${PDI}\u202Eexe`, 'rtl')).toBe(`${FSI}bea\u202Eexe${PDI}`);
    expect(isolated('bea\u2067', 'ltr')).toBe(`${FSI}bea\u2067${PDI}${PDI}`);
  });

  it('that is not there is seen by its name, and known as none', () => {
    expect(isKey('settings.title')).toBe(true);
    expect(isKey('settings.toString')).toBe(false);
    expect(isKey('nowhere.title')).toBe(false);
    speak('en', 'en', {});
    expect(t('settings.title')).toBe('settings.title');
  });

  it('has its parts drawn by its page, in the order of the language', () => {
    expect(piecesOf('a {b} <c>d {e}</c>')).toEqual([
      { kind: 'words', words: 'a ' },
      { kind: 'value', name: 'b' },
      { kind: 'words', words: ' ' },
      { kind: 'part', name: 'c', words: 'd {e}' },
    ]);
    const strong = createRawSnippet((words: () => string) => ({ render: () => `<strong>${words()}</strong>` }));
    const { container } = render(Sentence<'safety.compareHint'>, { of: 'safety.compareHint', name: 'bea', strong });
    expect(container.textContent).toBe(en.safety.compareHint.replace('<strong>{name}</strong>', 'bea'));
    expect(container.querySelector('strong')?.textContent).toBe('bea');
  });

  it('uses formats that are made once for each language', () => {
    const make = vi.fn((locale: string) => new Intl.NumberFormat(locale));
    const numbers = perLanguage(make);
    expect(numbers().format(1.5)).toBe('1.5');
    numbers();
    speak('de', 'de', {});
    expect(numbers().format(1.5)).toBe('1,5');
    expect(current().language).toBe('de');
    expect(make).toHaveBeenCalledTimes(2);
  });
});
