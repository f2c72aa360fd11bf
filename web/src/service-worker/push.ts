import type { AwakeClient, Found } from '@sotto/client/wake-up';
import type { Presenter } from '../notifications/presenter';
import type { NotificationStore } from '../notifications/store';
import { subscribe } from '../notifications/subscription';
import type { ToTab } from '../notifications/tab-port';
import { askAwake, type Tab } from './awake-tab';
import { speakChosen } from './language';

/** What a wake-up works with. */
export interface World {
  readonly presenter: Presenter;
  readonly store: NotificationStore;
  /** Runs the client if no tab does; `undefined` if one does. */
  wakeUp<T>(look: (client: AwakeClient, found: Found) => Promise<T>): Promise<T | undefined>;
  tabs(): Promise<readonly Tab[]>;
  /** Whether somebody looks at a tab. */
  isSeen(): Promise<boolean>;
  /** Whether this browser demands that something be shown for each wake-up. */
  demandsOne(): Promise<boolean>;
  /** The languages that the reader has told the browser. */
  readonly languages: readonly string[];
  readonly registration: Pick<ServiceWorkerRegistration, 'pushManager'>;
}

/** What became of a wake-up. */
interface Outcome {
  /** How many notifications were shown; unknown if a tab has done it. */
  readonly shown: number | undefined;
  /** Whether all was looked at that the server had. */
  readonly isComplete: boolean;
}

const IN_VAIN: Outcome = { shown: 0, isComplete: false };

/** Something has come: fetches it, and shows what is wanted of it. */
export async function onPush(world: World): Promise<void> {
  const { presenter, store } = world;
  await speakChosen(store, world.languages);
  const { isOn } = await store.choices();
  const { shown, isComplete } = isOn ? await fetched(world) : { shown: 0, isComplete: true };
  if (!isComplete && shown === 0) {
    await presenter.showPlain();
  } else if (!shown && (await world.demandsOne())) {
    await presenter.showPlain();
    await presenter.closePlain();
  }
}

async function fetched(world: World): Promise<Outcome> {
  try {
    return (await world.wakeUp((client, found) => shownOf(world, client, found))) ?? (await byTab(world));
  } catch {
    // It could not be opened, or has crashed. There is something all the same.
    return IN_VAIN;
  }
}

/** A tab runs the client. If it is awake it shows what comes by itself; if it has no connection, whoever looks at it sees that. */
async function byTab(world: World): Promise<Outcome> {
  const done = await askAwake(await world.tabs());
  if (!done) return IN_VAIN;
  const isKnown = done.isComplete || (await world.isSeen());
  return { shown: isKnown ? undefined : 0, isComplete: done.isComplete };
}

async function shownOf(
  { presenter, isSeen }: World,
  client: AwakeClient,
  { messages, isComplete }: Found,
): Promise<Outcome> {
  const account = await client.account();
  // Nobody is logged in: the server has not heard of it yet.
  if (!account) return { shown: 0, isComplete: true };
  const state = { own: account.account, chats: await client.chats(), now: Date.now() };
  await presenter.tidy(async () => state);
  const shown = await presenter.show(messages, state, await isSeen());
  return { shown, isComplete };
}

/** The browser has another address at its push service: the server has to know it. */
export async function onAddressChange(world: World): Promise<void> {
  if (!(await world.store.choices()).isOn) return;
  await speakChosen(world.store, world.languages);
  const renewed = await world.wakeUp(async (client, found) => {
    if (await client.account()) await subscribe(world.registration, client);
    await shownOf(world, client, found);
    return true;
  });
  if (renewed) return;
  const asked: ToTab = { kind: 'renew' };
  for (const tab of await world.tabs()) tab.postMessage(asked, []);
}
