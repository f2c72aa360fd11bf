import { expect, test, vi } from 'vitest';
import { Zoom } from '../src/state/zoom.svelte';

/** A picture of 400 by 200 pixels, and what fingers do on it; `swiped` hears of the way to another one. */
function picture() {
  const swiped = vi.fn();
  const zoom = new Zoom(swiped);
  const element = document.createElement('div');
  element.getBoundingClientRect = () => new DOMRect(0, 0, 400, 200);
  const end = zoom.attach(element);
  const finger = (type: string, clientX: number, clientY: number, pointerId = 1) =>
    element.dispatchEvent(new PointerEvent(type, { clientX, clientY, pointerId, button: 0 }));
  return { zoom, element, finger, swiped, end: () => end?.() };
}

test('a finger that goes over a picture leads to another one', () => {
  const { finger, swiped } = picture();
  finger('pointerdown', 300, 100);
  finger('pointermove', 200, 110);
  finger('pointerup', 150, 110);
  expect(swiped).toHaveBeenLastCalledWith(1);
  finger('pointerdown', 100, 100);
  finger('pointerup', 300, 100);
  expect(swiped).toHaveBeenLastCalledWith(-1);
});

test('a finger that only trembles, or goes down, leads nowhere', () => {
  const { finger, swiped } = picture();
  finger('pointerdown', 200, 100);
  finger('pointerup', 160, 100);
  finger('pointerdown', 200, 20);
  finger('pointerup', 120, 180);
  finger('pointerdown', 300, 100);
  finger('pointercancel', 100, 100);
  expect(swiped).not.toHaveBeenCalled();
});

test('two fingers that part enlarge, and one then moves what is enlarged', () => {
  const { zoom, finger, swiped } = picture();
  finger('pointerdown', 150, 100, 1);
  finger('pointerdown', 250, 100, 2);
  finger('pointermove', 350, 100, 2);
  expect(zoom.scale).toBeCloseTo(2);
  finger('pointerup', 350, 100, 2);
  const { x, y } = zoom;
  finger('pointermove', 50, 90, 1);
  expect([zoom.x, zoom.y]).toEqual([x - 100, y - 10]);
  finger('pointerup', 50, 90, 1);
  expect(swiped).not.toHaveBeenCalled();
});

test('what is under the pointer stays there while the wheel enlarges', () => {
  const { zoom, element } = picture();
  const turn = (deltaY: number) =>
    element.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX: 300, clientY: 150, cancelable: true }));
  turn(-300);
  expect(zoom.scale).toBeCloseTo(Math.E);
  // 100 and 50 pixels from the middle: what was there is there still.
  expect([(100 - zoom.x) / zoom.scale, (50 - zoom.y) / zoom.scale].map(Math.round)).toEqual([100, 50]);
  turn(3000);
  expect([zoom.scale, zoom.x, zoom.y]).toEqual([1, 0, 0]);
});

test('a picture is enlarged eightfold at most, and twice pressed is as large as the window again', () => {
  const { zoom, element, end } = picture();
  zoom.by(100);
  expect(zoom.scale).toBe(8);
  element.dispatchEvent(new MouseEvent('dblclick', { clientX: 200, clientY: 100 }));
  expect(zoom.scale).toBe(1);
  element.dispatchEvent(new MouseEvent('dblclick', { clientX: 200, clientY: 100 }));
  expect(zoom.scale).toBe(2.5);
  end();
  element.dispatchEvent(new MouseEvent('dblclick', { clientX: 200, clientY: 100 }));
  expect(zoom.scale).toBe(2.5);
});
