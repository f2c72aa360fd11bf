import { expect, test } from 'vitest';
import type { ExportProgress } from '../src/api.js';
import type { Client, Method } from '../src/calls.js';
import { exportName, GrowingFile } from '../src/export-file.js';
import { overWasm } from '../src/over-wasm.js';
import { sottoOf } from '../src/sotto.js';
import { Profile } from './profile.js';

const counts = { chats: 1, messages: 2, files: 0, missingFiles: 0, isComplete: true };

type Write = (part: Uint8Array<ArrayBuffer>) => void;
type Moved = (...numbers: number[]) => void;
type Module = Parameters<typeof overWasm>[0];

/** The compiled module's side, of which these tests need little. */
function module(calls: object): Module {
  return { account: () => Promise.resolve({ account: 'a', name: 'alice' }), ...calls } as unknown as Module;
}

test('an export is the parts that were written, whatever their number', async () => {
  const file = new GrowingFile();
  for (let number = 0; number < 200; number += 1) file.write(new Uint8Array([number, number]));
  const bytes = new Uint8Array(await file.whole('application/zip').arrayBuffer());
  expect([...bytes]).toEqual(Array.from({ length: 400 }, (_, place) => Math.floor(place / 2)));
});

test('an export is called by its account, its day and its kind', () => {
  const evening = new Date(2026, 0, 3, 23, 59);
  expect(exportName('alice', 'encrypted', evening)).toBe('sotto-alice-2026-01-03.sotto');
  expect(exportName('alice', 'readable', evening)).toBe('sotto-alice-2026-01-03.zip');
});

test('a page exports through the leader, and hears how far it is', async () => {
  const profile = new Profile();
  const asked: unknown[] = [];
  const client = overWasm(
    module({
      exportHistory: (passphrase: string, write: Write, moved: Moved) => {
        asked.push(passphrase);
        write(new Uint8Array([1, 2]));
        moved(1, 2, 0, 0);
        write(new Uint8Array([3]));
        return Promise.resolve(counts);
      },
      exportReadable: (withFiles: boolean) => {
        asked.push(withFiles);
        return Promise.resolve(counts);
      },
    }),
  );
  profile.worker(() => Promise.resolve({ ...client, setActive: () => Promise.resolve() } as Client));
  const sotto = sottoOf(profile.tab());
  const told: ExportProgress[] = [];
  const encrypted = await sotto.exportHistory({ format: 'encrypted', passphrase: 'a long one, this' }, (progress) =>
    told.push(progress),
  );
  expect(encrypted).toMatchObject(counts);
  expect(encrypted.name).toMatch(/^sotto-alice-\d{4}-\d\d-\d\d\.sotto$/);
  expect([...new Uint8Array(await encrypted.file.arrayBuffer())]).toEqual([1, 2, 3]);
  expect(told).toEqual([{ messages: 1, totalMessages: 2, files: 0, totalFiles: 0 }]);
  const readable = await sotto.exportHistory({ format: 'readable', withFiles: true });
  expect(readable.file.type).toBe('application/zip');
  expect(asked).toEqual(['a long one, this', true]);
});

test('an import that is not wanted any more ends for the page at once and for the module at its next step', async () => {
  const profile = new Profile();
  const abort = new AbortController();
  let ended: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (ended = resolve));
  const client = overWasm(
    module({
      importHistory: async (_file: Blob, _passphrase: string, moved: Moved, isCancelled: () => boolean) => {
        moved(1, 2);
        while (!isCancelled()) await new Promise((resolve) => setImmediate(resolve));
        ended();
        throw { code: 'cancelled', message: '' };
      },
    }),
  );
  profile.worker(() => Promise.resolve({ ...client, setActive: () => Promise.resolve() } as Client));
  const sotto = sottoOf(profile.tab());
  const imported = sotto.importHistory(new Blob([]), 'a passphrase', () => abort.abort(), abort.signal);
  await expect(imported).rejects.toMatchObject({ code: 'cancelled' });
  await over;
});

test('what was cancelled before it began is not begun', async () => {
  const asked: Method[] = [];
  const tab = { call: (method: Method) => Promise.resolve(asked.push(method)), subscribe: () => () => {} };
  const sotto = sottoOf(tab as unknown as Parameters<typeof sottoOf>[0]);
  const never = sotto.importHistory(new Blob([]), 'a passphrase', undefined, AbortSignal.abort());
  await expect(never).rejects.toMatchObject({ code: 'cancelled' });
  expect(asked).toEqual([]);
});
