import type { FoundPerson, PeoplePage, PeopleQuery, Person, Profile, ProfileUpdate } from '@sotto/client';
import { problem } from './fake-calls';
import { FakeExport } from './fake-export';

/** Who there is on the fake client's server, and what they say of themselves. */
export abstract class FakeProfiles extends FakeExport {
  readonly people = new Map<string, Person>();
  /** What others say of themselves, by their names. */
  readonly profiles = new Map<string, Partial<Profile>>();
  /** Whom a search finds near anywhere. */
  nearby: readonly FoundPerson[] = [];

  /** What this account's own profile says. */
  ownProfile: Omit<Profile, keyof Person> = { about: '', place: '', isListed: true, createdAt: 0 };
  #displayName = '';

  async searchPeople(query: string | PeopleQuery, after?: string): Promise<PeoplePage> {
    const { text = '', near } = typeof query === 'string' ? { text: query } : query;
    if (near) {
      this.called('searchPeople', `near ${near.latitude}, ${near.longitude}`);
      return { people: [...this.nearby] };
    }
    this.called('searchPeople', text);
    const found = [...this.people.values()].filter(({ name }) => name.includes(text.toLowerCase()));
    const from = after === undefined ? 0 : Number(after);
    const next = from + 20 < found.length ? { next: String(from + 20) } : {};
    const people = found.slice(from, from + 20).map((person) => ({ ...person, isBot: this.#isBot(person) }));
    return { people, ...next };
  }

  async person(name: string): Promise<Person> {
    this.called('person', name);
    return this.personNamed(name);
  }

  async profile(name: string): Promise<Profile> {
    this.called('profile', name);
    if (name === this.me?.name) return this.#ownProfile();
    return {
      ...this.personNamed(name),
      about: '',
      place: '',
      isListed: true,
      createdAt: 0,
      ...this.profiles.get(name),
    };
  }

  async updateProfile({ location, ...update }: ProfileUpdate): Promise<Profile> {
    this.called('updateProfile', JSON.stringify({ ...update, ...(location !== undefined && { location }) }));
    const { displayName, ...rest } = update;
    this.#displayName = displayName ?? this.#displayName;
    this.ownProfile = { ...this.ownProfile, ...rest };
    if (location === null) delete this.ownProfile.location;
    else if (location) this.ownProfile.location = location;
    return this.#ownProfile();
  }

  async setPicture(picture: Uint8Array | undefined): Promise<Profile> {
    this.called('setPicture', picture ? 'some' : 'none');
    if (picture) this.ownProfile.picture = { large: 'large', small: 'small' };
    else delete this.ownProfile.picture;
    return this.#ownProfile();
  }

  async setCover(cover: Uint8Array | undefined): Promise<Profile> {
    this.called('setCover', cover ? 'some' : 'none');
    if (cover) this.ownProfile.cover = 'cover';
    else delete this.ownProfile.cover;
    return this.#ownProfile();
  }

  async profilePicture(): Promise<Blob> {
    throw problem('picture-not-found');
  }

  protected personNamed(name: string): Person {
    const person = this.people.get(name);
    if (!person) throw problem('user-not-found');
    return person;
  }

  #isBot({ name }: Person): boolean {
    return this.profiles.get(name)?.isBot ?? false;
  }

  #ownProfile(): Profile {
    if (!this.me) throw problem('unauthenticated');
    return { ...this.me, displayName: this.#displayName, identity: 'known', ...this.ownProfile };
  }
}
