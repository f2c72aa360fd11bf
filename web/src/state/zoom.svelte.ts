import type { Attachment } from 'svelte/attachments';

const MOST = 8;
/** How far a finger has to go to mean another picture, in pixels. */
const SWIPE = 60;

/** How large a picture is shown, and which part of it. Fingers, wheel and keys change that. */
export class Zoom {
  scale = $state(1);
  x = $state(0);
  y = $state(0);
  /** While a finger or the pointer moves it. */
  moving = $state(false);

  /** `onswipe`: a finger has gone over the whole picture, to the left (1) or right (-1). */
  constructor(readonly onswipe: (direction: 1 | -1) => void) {}

  reset(): void {
    this.scale = 1;
    this.x = 0;
    this.y = 0;
  }

  /** Larger or smaller by a factor, about a point that is given from the middle of the picture. */
  by(factor: number, about = { x: 0, y: 0 }): void {
    const scale = Math.min(MOST, Math.max(1, this.scale * factor));
    const share = scale / this.scale;
    this.scale = scale;
    this.x = about.x - (about.x - this.x) * share;
    this.y = about.y - (about.y - this.y) * share;
    if (scale === 1) this.reset();
  }

  move(x: number, y: number): void {
    this.x += x;
    this.y += y;
  }

  /** Listens to an element that is as large as there is room for the picture. */
  readonly attach: Attachment<HTMLElement> = (element) => {
    const fingers = new Map<number, { x: number; y: number }>();
    let begun = { x: 0, y: 0 };
    const listening = new AbortController();
    const { signal } = listening;
    const fromMiddle = ({ clientX, clientY }: MouseEvent) => {
      const box = element.getBoundingClientRect();
      return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
    };
    const apart = () => {
      const [a, b] = [...fingers.values()];
      return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
    };
    element.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.by(Math.exp(-event.deltaY / 300), fromMiddle(event));
      },
      { signal, passive: false },
    );
    element.addEventListener('dblclick', (event) => (this.scale > 1 ? this.reset() : this.by(2.5, fromMiddle(event))), {
      signal,
    });
    element.addEventListener(
      'pointerdown',
      (event) => {
        if (event.button !== 0) return;
        fingers.set(event.pointerId, fromMiddle(event));
        begun = fromMiddle(event);
        this.moving = true;
      },
      { signal },
    );
    element.addEventListener(
      'pointermove',
      (event) => {
        const before = fingers.get(event.pointerId);
        if (!before) return;
        const distance = apart();
        const now = fromMiddle(event);
        fingers.set(event.pointerId, now);
        if (fingers.size === 2 && distance > 0) this.by(apart() / distance, now);
        else if (this.scale > 1) this.move(now.x - before.x, now.y - before.y);
      },
      { signal },
    );
    for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
      element.addEventListener(
        end,
        (event) => {
          const wasOne = fingers.size === 1 && fingers.delete(event.pointerId);
          fingers.delete(event.pointerId);
          this.moving = fingers.size > 0;
          if (!wasOne || end !== 'pointerup' || this.scale > 1) return;
          const now = fromMiddle(event);
          const [across, down] = [now.x - begun.x, now.y - begun.y];
          if (Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(down)) this.onswipe(across < 0 ? 1 : -1);
        },
        { signal },
      );
    }
    return () => listening.abort();
  };
}
