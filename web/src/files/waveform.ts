/** How many levels a voice note's waveform has. */
export const LEVELS = 64;

/** How loud each 64th of a sound is, from 0 to 255; the loudest is 255, unless all of it is silence. */
export function levels(samples: Float32Array): Uint8Array {
  const loudness = Array.from({ length: LEVELS }, (_, index) => {
    const start = Math.floor((index * samples.length) / LEVELS);
    const end = Math.floor(((index + 1) * samples.length) / LEVELS);
    let sum = 0;
    for (let at = start; at < end; at += 1) sum += (samples[at] ?? 0) ** 2;
    return end > start ? Math.sqrt(sum / (end - start)) : 0;
  });
  const loudest = Math.max(...loudness);
  // Quieter than what a microphone hears in an empty room.
  if (loudest < 1e-4) return new Uint8Array(LEVELS);
  return Uint8Array.from(loudness, (level) => Math.round((255 * level) / loudest));
}

/** The sample rate at which a sound is looked at: enough for how loud it is. */
const RATE = 8000;

/** Decodes a recording. Throws if this browser cannot. */
export async function readRecording(recording: Blob): Promise<{ duration: number; waveform: Uint8Array }> {
  const context = new OfflineAudioContext(1, 1, RATE);
  const sound = await context.decodeAudioData(await recording.arrayBuffer());
  return { duration: Math.round(sound.duration * 1000), waveform: levels(sound.getChannelData(0)) };
}
