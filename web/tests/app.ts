import { render } from '@testing-library/svelte';
import Root from '../src/Root.svelte';
import type { NotificationBrowser } from '../src/notifications/browser';
import type { FakeClient } from './fake-client';

/** Opens the app at a path. `browser`: one that can show notifications. */
export function open(client: FakeClient, path: string, browser?: NotificationBrowser) {
  history.replaceState(null, '', path);
  return render(Root, { props: { sotto: Promise.resolve(client), ...(browser && { browser }) } });
}

/** Types into a field as a keyboard does, with the events that follow. */
export function type(field: HTMLElement, text: string): void {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) throw new TypeError('not a field');
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
}

export function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): boolean {
  return target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
}
