import { cleanup, configure } from '@testing-library/svelte';
import { afterEach, beforeEach } from 'vitest';
import { speak } from '../src/language/catalogue';
import { en } from '../src/language/en';

// On a busy machine a page takes longer than the second that is usual.
configure({ asyncUtilTimeout: 10_000 });

// What jsdom does not have. The tests choose between phone and desktop through `wideScreen`.
export const screenOf = { wide: true };

window.matchMedia = (query: string): MediaQueryList => {
  const list = new EventTarget() as MediaQueryList;
  return Object.assign(list, {
    matches: query.includes('pointer') || screenOf.wide,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });
};

/** What a test can call to say that an element came into view that is observed. */
export const observers = new Set<() => void>();

window.IntersectionObserver = class {
  readonly root = null;
  readonly rootMargin = '';
  readonly thresholds = [];
  readonly scrollMargin = '';
  readonly #callback: IntersectionObserverCallback;
  readonly #shown = new Map<Element, () => void>();

  constructor(callback: IntersectionObserverCallback) {
    this.#callback = callback;
  }

  observe(target: Element): void {
    const entry = { isIntersecting: true, target } as IntersectionObserverEntry;
    const show = (): void => this.#callback([entry], this);
    this.unobserve(target);
    this.#shown.set(target, show);
    observers.add(show);
  }

  unobserve(target: Element): void {
    const show = this.#shown.get(target);
    if (show) observers.delete(show);
    this.#shown.delete(target);
  }

  disconnect(): void {
    for (const target of [...this.#shown.keys()]) this.unobserve(target);
  }

  takeRecords(): [] {
    return [];
  }
};

window.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

Element.prototype.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.open = true;
};

HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
  this.open = false;
  this.dispatchEvent(new Event('close'));
};

Blob.prototype.arrayBuffer = function arrayBuffer(this: Blob) {
  return new Promise<ArrayBuffer>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.readAsArrayBuffer(this);
  });
};

/** The addresses of blobs that are shown now. */
export const addresses = new Set<string>();

URL.createObjectURL = (blob: Blob | MediaSource): string => {
  const address = `blob:${blob instanceof Blob ? blob.size : 0}-bytes`;
  addresses.add(address);
  return address;
};
URL.revokeObjectURL = (address: string): void => void addresses.delete(address);

// Not before the modules of the app: what they say before there is a language, they would say in a browser without one.
beforeEach(() => speak('en', 'en', en));

afterEach(() => {
  cleanup();
  addresses.clear();
  observers.clear();
  localStorage.clear();
  history.replaceState(null, '', '/');
  screenOf.wide = true;
});
