import type { Sotto, SottoErrorShape, SottoEvent } from '@sotto/client';

/** What is the same for every call of the fake client: it is noted, it can fail, and what it changes is told. */
export class FakeCalls {
  /** The next call of a method that stands here rejects with the error. */
  readonly failures = new Map<keyof Sotto, SottoErrorShape>();
  readonly calls: string[] = [];
  readonly #listeners = new Set<(event: SottoEvent) => void>();

  subscribe(listener: (event: SottoEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected called(method: keyof Sotto, argument?: string): void {
    this.calls.push(argument === undefined ? method : `${method} ${argument}`);
    const failure = this.failures.get(method);
    this.failures.delete(method);
    if (failure) throw failure;
  }

  protected emit(event: SottoEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

export function problem(code: string): SottoErrorShape {
  return { code, message: code };
}
