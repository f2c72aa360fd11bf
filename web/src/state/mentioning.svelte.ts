import type { AccountId, ChatId, GroupMember, Mention, Sotto } from '@sotto/client';
import { mentionsIn, namesIn, typedMention } from '../text/mentions';

/** Members that are offered at a time. */
const OFFERED = 6;

/** Names the members of a group in what is being written. */
export class Mentioning {
  /** Who can be meant by what stands before the caret; empty if nobody is being named. */
  offered = $state.raw<readonly GroupMember[]>([]);
  /** Which of them is chosen, if Enter is pressed now. */
  active = $state(0);

  readonly #sotto: Promise<Sotto>;
  readonly #group: ChatId;
  readonly #own: () => AccountId | undefined;
  /** Everybody who was ever offered, by name: a name can be typed to its end too. */
  readonly #known = new Map<string, AccountId>();
  #typed: { start: number; query: string } | undefined;
  /** Counts what was looked for: an answer that is overtaken is dropped. */
  #looked = 0;

  constructor(sotto: Promise<Sotto>, group: ChatId, own: () => AccountId | undefined) {
    this.#sotto = sotto;
    this.#group = group;
    this.#own = own;
  }

  /** Looks who can be meant. */
  async look(text: string, caret: number): Promise<void> {
    const typed = typedMention(text, caret);
    this.#typed = typed;
    this.#looked += 1;
    if (!typed) {
      this.offered = [];
      return;
    }
    const looked = this.#looked;
    try {
      // One more, as this account is among them.
      const page = await (await this.#sotto).groupMembers(this.#group, 0, OFFERED + 1, typed.query);
      const others = page.members.filter(({ account, person }) => person && account !== this.#own());
      for (const { account, person } of others) if (person) this.#known.set(person.name, account);
      if (looked !== this.#looked) return;
      this.offered = others.slice(0, OFFERED);
      this.active = 0;
    } catch {
      // Nobody is offered then; the text can be sent as it is.
      if (looked === this.#looked) this.offered = [];
    }
  }

  move(by: number): void {
    const { length } = this.offered;
    if (length > 0) this.active = (this.active + by + length) % length;
  }

  close(): void {
    this.#looked += 1;
    this.#typed = undefined;
    this.offered = [];
  }

  /** The text with the name of a member in it, and where the caret is then. */
  choose(member: GroupMember, text: string, caret: number): { text: string; caret: number } {
    const typed = this.#typed;
    this.close();
    if (!typed || !member.person) return { text, caret };
    const rest = text.slice(caret);
    const name = `@${member.person.name}${/^\s/.test(rest) ? '' : ' '}`;
    return { text: `${text.slice(0, typed.start)}${name}${rest}`, caret: typed.start + name.length };
  }

  /** Whom a text names that is edited now. */
  remember(text: string, mentions: readonly Mention[]): void {
    for (const [name, account] of namesIn(text, mentions)) this.#known.set(name, account);
  }

  /** The places where a text names members. */
  in(text: string): Mention[] {
    return mentionsIn(text, this.#known);
  }
}
