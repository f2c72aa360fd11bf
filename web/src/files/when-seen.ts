import type { Attachment } from 'svelte/attachments';

/** What is called when each element that is waited for comes near. */
const awaited = new WeakMap<Element, () => void>();
let observer: IntersectionObserver | undefined;

/** Calls back once, when the element comes near to what is in view. */
export function whenSeen(onseen: () => void): Attachment<HTMLElement> {
  return (element) => {
    // One for all: a list may have hundreds of them.
    observer ??= new IntersectionObserver(tell, { rootMargin: '400px' });
    awaited.set(element, onseen);
    observer.observe(element);
    return () => forget(element);
  };
}

function tell(entries: readonly IntersectionObserverEntry[]): void {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    const onseen = awaited.get(target);
    forget(target);
    onseen?.();
  }
}

function forget(element: Element): void {
  observer?.unobserve(element);
  awaited.delete(element);
}
