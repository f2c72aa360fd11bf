import { render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import PasswordStrength from '../src/components/PasswordStrength.svelte';
import { estimate } from '../src/password-strength/estimate';
import { strengthShown, type StrengthQuestion } from '../src/text/password';

const known = ['alice', 'sotto', 'chat.example'];
const scoreOf = (password: string) => estimate({ password, known }).score;

/** Workers that were started, and what they were asked. Each answers when it is told to. */
class FakeWorker {
  static readonly all: FakeWorker[] = [];
  onmessage: ((event: MessageEvent) => void) | undefined;
  readonly asked: StrengthQuestion[] = [];
  isOver = false;

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(question: StrengthQuestion): void {
    this.asked.push(question);
  }

  answer(): void {
    const last = this.asked.at(-1);
    if (last && !this.isOver) this.onmessage?.(new MessageEvent('message', { data: estimate(last) }));
  }

  terminate(): void {
    this.isOver = true;
  }
}

const bars = (container: HTMLElement) => container.querySelector('[data-bars]')?.getAttribute('data-bars');
const asked = () => FakeWorker.all[0]?.asked.map(({ password }) => password);

beforeEach(() => {
  FakeWorker.all.length = 0;
  vi.stubGlobal('Worker', FakeWorker);
});

afterEach(() => vi.unstubAllGlobals());

test('what everybody tries first is weak, however long or decorated, and a phrase is strong', () => {
  for (const weak of ['password1', 'P@ssw0rd', 'aaaaaaaaaaaaaaaa', 'qwertzuiop', 'abcdefgh123', 'Jessica1']) {
    expect(scoreOf(weak), weak).toBeLessThan(2);
  }
  for (const strong of ['correct horse battery staple', 'mfkJ82-sla0qp', 'я люблю тебя очень']) {
    expect(scoreOf(strong), strong).toBe(4);
  }
});

test('one’s own name and the server’s are known to whoever guesses', () => {
  expect(scoreOf('alicealice')).toBeLessThan(2);
  expect(estimate({ password: 'chat.example', known }).score).toBeLessThan(2);
});

test('the longest password is looked through in a moment', () => {
  const longest = '4@8({[</369|!1/|$5+7'.repeat(50);
  const begun = performance.now();
  expect(scoreOf(longest)).toBe(4);
  expect(performance.now() - begun).toBeLessThan(5000);
});

test('what makes a password easy to guess is said, unless it is good', () => {
  const shown = (password: string) => strengthShown(password, estimate({ password, known })).words;
  expect(shown('password1')).toMatch(/^Many people have this password\. Easy to guess/);
  expect(shown('qwertzuiop')).toMatch(/^Keys in a row/);
  expect(shown('aliceali')).toMatch(/Easy to guess/);
  expect(shown('correct horse battery staple')).toBe('Strong.');
  expect(strengthShown('whatever it is', { score: 1, reason: 'of-the-future' }).words).toBe(
    'Easy to guess. Add a word or two.',
  );
});

test('nothing is loaded before somebody types a password', async () => {
  const { rerender } = render(PasswordStrength, { password: '', name: 'alice' });
  expect(FakeWorker.all).toHaveLength(0);
  await rerender({ password: 'c', name: 'alice' });
  expect(FakeWorker.all).toHaveLength(1);
  expect(asked()).toEqual([]);
});

test('until it is known how strong a password is, only its length is judged', async () => {
  const { container, rerender } = render(PasswordStrength, { password: 'short', name: 'alice' });
  screen.getByText(/At least 8 characters/);
  await rerender({ password: 'correct horse battery staple', name: 'alice' });
  expect(screen.getByRole('status').textContent).toBe('');
  expect(bars(container)).toBe('0');
  FakeWorker.all[0]?.answer();
  await screen.findByText('Strong.');
  expect(bars(container)).toBe('4');
});

test('of what is typed while the worker looks, the latest alone is looked at then', async () => {
  const { rerender } = render(PasswordStrength, { password: 'password1', name: 'alice' });
  await rerender({ password: 'password12', name: 'alice' });
  await rerender({ password: 'correct horse battery staple', name: 'alice' });
  expect(asked()).toEqual(['password1']);
  FakeWorker.all[0]?.answer();
  expect(asked()).toEqual(['password1', 'correct horse battery staple']);
  expect(screen.getByRole('status').textContent).toBe('');
  FakeWorker.all[0]?.answer();
  await screen.findByText('Strong.');
});

test('an answer that comes after the password was taken away is not shown', async () => {
  const { container, rerender } = render(PasswordStrength, { password: 'correct horse battery staple', name: '' });
  await rerender({ password: '', name: '' });
  FakeWorker.all[0]?.answer();
  await waitFor(() => screen.getByText(/At least 8 characters/));
  expect(bars(container)).toBe('0');
  await rerender({ password: 'password1', name: '' });
  expect(bars(container)).toBe('0');
});

test('the worker ends with the form', () => {
  const { unmount } = render(PasswordStrength, { password: 'c', name: '' });
  unmount();
  expect(FakeWorker.all[0]?.isOver).toBe(true);
});

test('where workers are refused, a password can be chosen all the same', () => {
  vi.stubGlobal(
    'Worker',
    class {
      constructor() {
        throw new DOMException('refused', 'SecurityError');
      }
    },
  );
  render(PasswordStrength, { password: 'correct horse battery staple', name: '' });
  expect(screen.getByRole('status').textContent).toBe('');
});
