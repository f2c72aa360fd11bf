/** Where an invite link waits while its user logs in: in this tab, and nowhere else. */
const KEY = 'sotto.invitation';

/**
 * The code of the invite link that this page was opened with, or that waits since before a login. It lets anyone in who has it, so it
 * is taken out of the address, and with that out of the history.
 */
export function takeInvitation(): string | undefined {
  const code = location.hash.slice(1) || sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (location.hash) history.replaceState(null, '', location.pathname);
  return code || undefined;
}

/** Keeps the code until it is taken, or the tab is closed. */
export function keepInvitation(code: string): void {
  sessionStorage.setItem(KEY, code);
}
