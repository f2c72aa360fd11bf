import type { Attachment } from 'svelte/attachments';

/** How long a finger rests before it means more than a touch, in milliseconds. */
const LONG = 450;
/** How far it may move meanwhile, in pixels. */
const STILL = 10;

/** Calls back when a finger rests on the element; the click that follows when it is lifted does nothing. */
export function longPress(onlongpress: () => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let start = { x: 0, y: 0 };
    let isPressed = false;
    const listening = new AbortController();
    const { signal } = listening;

    const stop = (): void => clearTimeout(timer);
    element.addEventListener(
      'pointerdown',
      (event) => {
        stop();
        isPressed = false;
        if (event.pointerType !== 'touch' || !event.isPrimary) return;
        start = { x: event.clientX, y: event.clientY };
        timer = setTimeout(() => {
          isPressed = true;
          onlongpress();
        }, LONG);
      },
      { signal },
    );
    element.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        if (Math.hypot(clientX - start.x, clientY - start.y) > STILL) stop();
      },
      { signal },
    );
    for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
      element.addEventListener(end, stop, { signal });
    }
    element.addEventListener(
      'click',
      (event) => {
        if (!isPressed) return;
        isPressed = false;
        event.preventDefault();
        event.stopPropagation();
      },
      { signal, capture: true },
    );
    element.addEventListener(
      'contextmenu',
      (event) => {
        // What some browsers open for the same.
        if ((event as PointerEvent).pointerType === 'touch') event.preventDefault();
      },
      { signal },
    );
    return () => {
      stop();
      listening.abort();
    };
  };
}
