import type { ToTab, WakeUpAnswer } from '../notifications/tab-port';

/** A tab, as far as it is needed here: a `Client` of the service worker. */
export interface Tab {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** A tab that has not said that it is awake after so long is asleep, in milliseconds. */
const ASLEEP = 3000;
/** One that is awake has so long to fetch and show what there is, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Asks tabs to fetch and show what there is. Resolves when one has done so, `isComplete` if it had a connection; with `undefined` if none
 * is awake.
 */
export async function askAwake(
  tabs: readonly Tab[],
  asleep = ASLEEP,
  patience = PATIENCE,
): Promise<{ isComplete: boolean } | undefined> {
  const asked = tabs.map(askTab);
  try {
    const found = await within(asleep, first(asked.map(async ({ awake, done }) => (await awake, done))));
    if (!found) return undefined;
    return (await within(patience, found.done)) ?? { isComplete: false };
  } finally {
    for (const { port } of asked) port.close();
  }
}

interface Asked {
  readonly port: MessagePort;
  readonly awake: Promise<void>;
  /** Wrapped, as a promise of a promise is that promise. */
  readonly done: { readonly done: Promise<{ isComplete: boolean }> };
}

function askTab(tab: Tab): Asked {
  const { port1: port, port2: other } = new MessageChannel();
  let wake: () => void = () => undefined;
  let end: (done: { isComplete: boolean }) => void = () => undefined;
  const awake = new Promise<void>((resolve) => (wake = resolve));
  const done = new Promise<{ isComplete: boolean }>((resolve) => (end = resolve));
  port.onmessage = ({ data }: MessageEvent<WakeUpAnswer>) => {
    if (data.kind === 'awake') wake();
    else end({ isComplete: data.isComplete });
  };
  tab.postMessage({ kind: 'wake-up' } satisfies ToTab, [other]);
  return { port, awake, done: { done } };
}

/** Never if there are none. */
function first<T>(promises: readonly Promise<T>[]): Promise<T> {
  return promises.length > 0 ? Promise.race(promises) : Promise.reject(new Error('none'));
}

/** What comes of it within a time; `undefined` if nothing does. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tired = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), milliseconds)));
  try {
    return await Promise.race([promise.catch(() => undefined), tired]);
  } finally {
    clearTimeout(timer);
  }
}
