import { onMount, tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/**
 * Gives the focus to what has come in the place of what had it and is gone. Whoever has it elsewhere keeps it, and so does a page that is
 * just being opened. To be called where a component begins.
 */
export function lostFocus(): Attachment<HTMLElement> {
  let isOpen = false;
  onMount(() => void (isOpen = true));
  return (element) => {
    if (isOpen && document.activeElement === document.body) element.focus({ preventScroll: true });
  };
}

/** Gives the focus to what stands near what had it and is gone, once that is so. */
export async function focusIfLost(near: HTMLElement | null | undefined): Promise<void> {
  await tick();
  if (document.activeElement === document.body) near?.focus({ preventScroll: true });
}
