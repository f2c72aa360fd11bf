import type { NewFile } from '@sotto/client';
import { readRecording } from '../files/waveform';
import { t } from '../language/catalogue';
import { essence } from '../text/media';

/** What browsers record, best first: AAC plays everywhere. */
const TYPES: readonly (readonly [type: string, extension: string])[] = [
  ['audio/mp4;codecs=mp4a.40.2', 'm4a'],
  ['audio/webm;codecs=opus', 'webm'],
  ['audio/ogg;codecs=opus', 'ogg'],
  ['audio/mp4', 'm4a'],
];

/** Bits a second: enough for a voice. */
const BITRATE = 32_000;
/** A shorter one was a mistake, in milliseconds. */
const SHORTEST = 500;
/** A longer one ends by itself, in milliseconds. */
const LONGEST = 60 * 60_000;

/** Whether this browser can record at all. */
export function canRecord(): boolean {
  return typeof MediaRecorder === 'function' && navigator.mediaDevices?.getUserMedia !== undefined;
}

/** A voice note while it is made: it is recorded, listened to, and sent or thrown away. */
export class Recording {
  state = $state<'none' | 'asking' | 'recording' | 'ending' | 'made'>('none');
  /** How long it is, in milliseconds. */
  duration = $state(0);
  /** How loud it is now, from 0 to 1. */
  level = $state(0);
  made = $state.raw<NewFile>();
  problem = $state<string>();

  #recorder: MediaRecorder | undefined;
  #stream: MediaStream | undefined;
  #meter: AudioContext | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #begun = 0;
  /** Counts what was begun or thrown away: what an earlier one still answers is not wanted any more. */
  #take = 0;

  async begin(): Promise<void> {
    if (this.state !== 'none') return;
    this.problem = undefined;
    this.state = 'asking';
    const take = (this.#take += 1);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      // It was thrown away while the browser asked.
      if (take !== this.#take) return stop(stream);
      this.#stream = stream;
      this.#record(stream, take);
    } catch (error) {
      if (take !== this.#take) return;
      this.cancel();
      this.problem = refusal(error);
    }
  }

  /** Ends it, to be listened to. */
  end(): void {
    if (this.state === 'asking') this.cancel();
    if (this.state !== 'recording') return;
    this.state = 'ending';
    this.#recorder?.stop();
  }

  /** Throws it away. */
  cancel(): void {
    this.#take += 1;
    if (this.#recorder?.state === 'recording') this.#recorder.stop();
    this.#letGo();
    this.state = 'none';
    this.made = undefined;
    this.duration = 0;
  }

  #record(stream: MediaStream, take: number): void {
    const [type, extension] = TYPES.find(([type]) => MediaRecorder.isTypeSupported(type)) ?? ['', 'webm'];
    const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITRATE, ...(type && { mimeType: type }) });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      const content = new Blob(parts, { type: essence(recorder.mimeType || type) });
      if (take === this.#take) void this.#finish(content, extension, take);
    };
    recorder.onerror = () => {
      if (take !== this.#take) return;
      this.cancel();
      this.problem = t('files.recordingBroke');
    };
    this.#recorder = recorder;
    this.#measure(stream);
    recorder.start(1000);
    this.#begun = performance.now();
    this.duration = 0;
    this.state = 'recording';
    this.#timer = setInterval(() => {
      this.duration = performance.now() - this.#begun;
      if (this.duration > LONGEST) this.end();
    }, 100);
  }

  async #finish(content: Blob, extension: string, take: number): Promise<void> {
    const recorded = performance.now() - this.#begun;
    this.#letGo();
    if (recorded < SHORTEST || content.size === 0) {
      this.cancel();
      this.problem = t('files.recordingShort');
      return;
    }
    const looked = await readRecording(content).catch(() => ({ duration: Math.round(recorded), waveform: undefined }));
    if (take !== this.#take) return;
    this.duration = looked.duration;
    this.made = {
      name: `voice-message.${extension}`,
      mediaType: content.type,
      content,
      duration: looked.duration,
      isVoice: true,
      ...(looked.waveform && { waveform: looked.waveform }),
    };
    this.state = 'made';
  }

  /** Shows how loud it is, so that one sees that the microphone hears something. */
  #measure(stream: MediaStream): void {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#meter = context;
    const look = () => {
      if (this.#meter !== context) return;
      analyser.getFloatTimeDomainData(samples);
      const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      this.level = Math.min(1, loudness * 4);
      setTimeout(look, 100);
    };
    look();
  }

  /** The microphone is off as soon as it is not needed: browsers show it while it is on. */
  #letGo(): void {
    clearInterval(this.#timer);
    if (this.#stream) stop(this.#stream);
    void this.#meter?.close().catch(() => undefined);
    this.#stream = undefined;
    this.#meter = undefined;
    this.#recorder = undefined;
    this.level = 0;
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Why there is no microphone, in plain words. */
export function refusal(error: unknown): string {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return t('files.microphoneRefused');
    case 'NotFoundError':
    case 'OverconstrainedError':
      return t('files.noMicrophone');
    case 'NotReadableError':
    case 'AbortError':
      return t('files.microphoneBusy');
    default:
      return t('files.noRecording');
  }
}
