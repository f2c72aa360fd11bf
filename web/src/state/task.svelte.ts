import { codeOf, explain } from '../text/problems';

/** Something that a dialog does once: whether it is under way, and why it failed. */
export class Task {
  running = $state(false);
  problem = $state<string>();

  /** Does the work. Returns whether it is done. `words`: for codes that mean something special here. */
  async run(work: () => Promise<unknown>, words: Readonly<Record<string, string>> = {}): Promise<boolean> {
    if (this.running) return false;
    this.running = true;
    this.problem = undefined;
    try {
      await work();
      return true;
    } catch (error) {
      const code = codeOf(error);
      this.problem = (code !== undefined && Object.hasOwn(words, code) && words[code]) || explain(error);
      return false;
    } finally {
      this.running = false;
    }
  }
}
