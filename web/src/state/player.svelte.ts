import { t } from '../language/catalogue';
import type { Held } from './addresses';

/** The one that plays: two voices at once are none. */
let current: Player | undefined;

/** A sound that is played. Times are in milliseconds. */
export class Player {
  playing = $state(false);
  at = $state(0);
  problem = $state<string>();

  readonly #source: () => Promise<Held>;
  readonly #told: () => number | undefined;
  #found = $state(0);
  #rate = $state(1);
  #audio: HTMLAudioElement | undefined;
  #held: Held | undefined;
  #closed = false;

  /** How long it is: as its sender says, until it was read. */
  readonly duration: number = $derived(this.#found || this.#toldDuration());

  /** `told`: how long it is, if somebody has said. */
  constructor(source: () => Promise<Held>, told: () => number | undefined) {
    this.#source = source;
    this.#told = told;
  }

  get rate(): number {
    return this.#rate;
  }

  set rate(rate: number) {
    this.#rate = rate;
    if (this.#audio) this.#audio.playbackRate = rate;
  }

  async toggle(): Promise<void> {
    if (this.playing) this.#audio?.pause();
    else await this.#play();
  }

  /** Goes to a place; if nothing plays yet, it begins there later. */
  async seek(at: number): Promise<void> {
    this.at = at;
    if (this.#audio) this.#audio.currentTime = at / 1000;
  }

  close(): void {
    this.#closed = true;
    this.#letGo();
  }

  async #play(): Promise<void> {
    this.problem = undefined;
    try {
      const audio = this.#audio ?? (await this.#open());
      if (!audio) return;
      if (current !== this) current?.pause();
      current = this;
      // From the beginning once more.
      if (audio.ended) audio.currentTime = 0;
      await audio.play();
    } catch (error) {
      // To pause it before it has begun is no failure.
      if (error instanceof DOMException && error.name === 'AbortError') return;
      this.#letGo();
      this.problem = error instanceof TypeError ? error.message : t('files.soundUnplayable');
    }
  }

  pause(): void {
    this.#audio?.pause();
  }

  async #open(): Promise<HTMLAudioElement | undefined> {
    const held = await this.#source();
    let address: string;
    try {
      address = await held.address;
    } catch {
      // What is shown beside it says why.
      held.release();
      return undefined;
    }
    if (this.#closed || this.#audio) {
      held.release();
      return this.#audio;
    }
    const audio = new Audio(address);
    this.#held = held;
    this.#audio = audio;
    audio.playbackRate = this.#rate;
    audio.defaultPlaybackRate = this.#rate;
    if (this.at > 0) audio.currentTime = this.at / 1000;
    audio.onplay = () => (this.playing = true);
    audio.onpause = () => (this.playing = false);
    audio.onended = () => {
      this.playing = false;
      this.at = 0;
    };
    audio.ontimeupdate = () => {
      if (!audio.ended) this.at = audio.currentTime * 1000;
    };
    // What a browser has recorded says that it never ends.
    audio.ondurationchange = () => {
      if (Number.isFinite(audio.duration)) this.#found = audio.duration * 1000;
    };
    return audio;
  }

  #toldDuration(): number {
    return this.#told() ?? 0;
  }

  #letGo(): void {
    this.#audio?.pause();
    this.#audio?.removeAttribute('src');
    this.#audio = undefined;
    this.#held?.release();
    this.#held = undefined;
    this.playing = false;
    if (current === this) current = undefined;
  }
}
