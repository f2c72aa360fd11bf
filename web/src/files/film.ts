import { drawing } from './canvas';
import { thumbnailOf } from './thumbnail';

/** What a video or a sound says of itself. */
export interface Film {
  readonly width?: number;
  readonly height?: number;
  readonly duration?: number;
  readonly thumbnail?: Uint8Array;
}

/** A browser that cannot play a file says so, or says nothing for so long, in milliseconds. */
const PATIENCE = 15_000;
/** Into a video, in seconds: its first frame is often black. */
const EARLY = 1;

/** Reads a video: how large and how long it is, and how it looks near its beginning. `undefined` if this browser cannot play it. */
export async function readVideo(file: Blob): Promise<Film | undefined> {
  return playing('video', file, async (video, event) => {
    if (!(video instanceof HTMLVideoElement)) return undefined;
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await event('loadeddata');
    const size = { width: video.videoWidth, height: video.videoHeight };
    if (size.width === 0 || size.height === 0) return undefined;
    const length = await lengthOf(video, event);
    video.currentTime = length === undefined ? 0 : Math.min(EARLY, length / 10);
    await event('seeked');
    const thumbnail = await thumbnailOf(size, drawing(video));
    return {
      ...size,
      ...(length !== undefined && { duration: Math.round(length * 1000) }),
      ...(thumbnail && { thumbnail }),
    };
  });
}

/** Reads how long a sound is. `undefined` if this browser cannot play it. */
export async function readSound(file: Blob): Promise<Film | undefined> {
  return playing('audio', file, async (audio, event) => {
    if (audio.readyState < HTMLMediaElement.HAVE_METADATA) await event('loadedmetadata');
    const length = await lengthOf(audio, event);
    return length === undefined ? {} : { duration: Math.round(length * 1000) };
  });
}

type Event = 'loadedmetadata' | 'loadeddata' | 'seeked' | 'durationchange';
type Wait = (event: Event) => Promise<void>;

/** In seconds. What a browser has recorded itself does not say how long it is until one has gone to its end. */
async function lengthOf(media: HTMLMediaElement, event: Wait): Promise<number | undefined> {
  if (media.duration === Number.POSITIVE_INFINITY) {
    const found = event('durationchange');
    media.currentTime = Number.MAX_SAFE_INTEGER;
    await found;
  }
  return Number.isFinite(media.duration) ? media.duration : undefined;
}

async function playing(
  kind: 'video' | 'audio',
  file: Blob,
  read: (media: HTMLMediaElement, event: Wait) => Promise<Film | undefined>,
): Promise<Film | undefined> {
  const media = document.createElement(kind);
  const address = URL.createObjectURL(file);
  const over = new Promise<never>((_, reject) => {
    media.addEventListener('error', () => reject(new TypeError('it cannot be played')), { once: true });
    setTimeout(() => reject(new TypeError('it took too long')), PATIENCE);
  });
  const event: Wait = (name) =>
    Promise.race([over, new Promise<void>((resolve) => media.addEventListener(name, () => resolve(), { once: true }))]);
  media.muted = true;
  media.preload = 'auto';
  media.src = address;
  try {
    return await Promise.race([over, read(media, event)]);
  } catch {
    return undefined;
  } finally {
    media.removeAttribute('src');
    media.load();
    URL.revokeObjectURL(address);
  }
}
