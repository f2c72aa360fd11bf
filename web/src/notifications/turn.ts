/** The Web Lock that whoever shows notifications or takes them away has for as long. */
const LOCK = 'sotto.notifications';
/** Whoever has it for longer is asleep, in milliseconds. */
const PATIENCE = 3000;

/**
 * Does something with notifications when nobody else does, in any tab or the service worker: Chromium, asked what is shown while something is
 * put there, can take what it does not see yet for dismissed, and forgets it.
 */
export async function inTurn<T>(work: () => Promise<T>, locks: LockManager | undefined = navigator.locks): Promise<T> {
  if (!locks) return work();
  let begun: Promise<T> | undefined;
  try {
    return await locks.request(LOCK, { signal: AbortSignal.timeout(PATIENCE) }, () => (begun = work()));
  } catch {
    // It was not had in time. Better two at once than nothing.
    return begun ?? work();
  }
}
