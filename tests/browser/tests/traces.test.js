import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/output.js';
import { traces } from '../support/traces.js';

test('a secret is found in every form, wherever it stands', (t) => {
  const { folder, remove } = temporaryFolder();
  t.after(remove);
  mkdirSync(join(folder, 'deep'));
  const secret = 'sähr geheim ~~~ ??? >>>';
  const raw = Buffer.from(`….${secret}.…`);
  const planted = {
    raw,
    hex: raw.toString('hex'),
    HEX: raw.toString('hex').toUpperCase(),
    'base64-0': Buffer.from(`${secret}!`).toString('base64'),
    'base64-1': Buffer.from(`x${secret}!`).toString('base64'),
    'deep/base64-2': Buffer.from(`xx${secret}!`).toString('base64'),
    'deep/base64url': Buffer.from(`xx${secret}!`).toString('base64url'),
  };
  for (const [name, content] of Object.entries(planted)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'innocent'), 'nothing of it here');
  const { found, files } = traces(folder, [secret, 'another secret']);
  assert.equal(files.length, 8);
  assert.equal(found.length, 7, found.join('\n'));
});
