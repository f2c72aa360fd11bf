import { expect, test } from 'vitest';
import { directChatPath, routeOf } from '../src/router.svelte';

test('readable addresses lead to their pages', () => {
  expect(routeOf('/')).toEqual({ page: 'home' });
  expect(routeOf('/people')).toEqual({ page: 'people' });
  expect(routeOf('/people/')).toEqual({ page: 'people' });
  expect(routeOf('/dm/alice')).toEqual({ page: 'direct-chat', name: 'alice' });
  expect(routeOf(directChatPath('a.b-c_d'))).toEqual({ page: 'direct-chat', name: 'a.b-c_d' });
});

test('a name typed in capitals is the same name', () => {
  expect(routeOf('/dm/Alice')).toEqual({ page: 'direct-chat', name: 'alice' });
});

test('what leads nowhere says so', () => {
  for (const path of ['/nope', '/dm', '/dm/', '/dm/a/b', '/dm/%E0%A4%A', '/constructor', '/__proto__']) {
    expect(routeOf(path), path).toEqual({ page: 'not-found' });
  }
});
