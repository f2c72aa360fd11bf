import type { Message } from '@sotto/client';
import { drawing } from '../../src/files/canvas';
import { readVideo } from '../../src/files/film';
import { thumbnailOf } from '../../src/files/thumbnail';
import { levels } from '../../src/files/waveform';
import type { FakeClient } from '../fake-client';

const MINUTE = 60_000;

/** A chat with carol that has a file of every kind in it. */
export async function addFiles(client: FakeClient, now: number): Promise<void> {
  let ago = 60 * 24 * 40 * MINUTE;
  const next = (more: Partial<Message> & { caption?: string } = {}) => ({ at: now - (ago -= MINUTE), ...more });
  const recent = () => (ago = Math.min(ago, 60 * MINUTE));

  for (let index = 0; index < 14; index += 1) {
    const size = index % 3 === 0 ? { width: 900, height: 1200 } : { width: 1200, height: 800 };
    await sendPicture(
      client,
      size,
      index * 25,
      next({ caption: index % 4 === 0 ? `Picture number ${index + 1}` : '' }),
    );
  }
  recent();
  client.said('carol', 'These are from the mountains:', next());
  await sendPicture(
    client,
    { width: 1600, height: 1066 },
    205,
    next({ caption: 'The lake at six in the *morning*, before anybody was up.' }),
  );
  await sendPicture(client, { width: 900, height: 1600 }, 20, next({ own: true, caption: '' }));
  const film = await record();
  const about = await readVideo(film);
  client.filed(
    'carol',
    { name: 'boat.webm', mediaType: 'video/webm', size: film.size, ...about },
    film,
    next({ caption: 'We nearly made it.' }),
  );
  const { sound, samples } = tone();
  client.filed(
    'carol',
    { name: 'voice-message.wav', mediaType: 'audio/wav', isVoice: true, duration: 14_000, waveform: levels(samples) },
    sound,
    next(),
  );
  client.filed(
    'carol',
    { name: 'voice-message.wav', mediaType: 'audio/wav', isVoice: true, duration: 14_000, waveform: levels(samples) },
    sound,
    next({ own: true }),
  );
  client.filed(
    'carol',
    { name: 'Itinerary, second try (final).pdf', mediaType: 'application/pdf' },
    new Blob(['%PDF-1.7']),
    next(),
  );
  client.filed(
    'carol',
    { name: 'evening song.wav', mediaType: 'audio/wav', duration: 14_000 },
    sound,
    next({ own: true }),
  );
  const page = '<script>document.title = "it ran"</script>';
  client.filed('carol', { name: 'page.html', mediaType: 'text/html' }, new Blob([page]), next());

  const up = client.filed(
    'carol',
    { name: 'all the pictures.zip', mediaType: 'application/zip', size: 240_000_000 },
    new Blob(['zip']),
    next({ own: true, state: 'queued' }),
  );
  client.moves(up, { state: 'active', done: 99_000_000, total: 240_000_000 });
  const lost = client.filed(
    'carol',
    { name: 'film of the year.mov', mediaType: 'application/octet-stream', size: 1_800_000_000 },
    new Blob(['mov']),
    next({ own: true, state: 'queued' }),
  );
  client.moves(lost, { state: 'needs-file', done: 900_000_000, total: 1_800_000_000 });
  const failed = client.filed(
    'carol',
    { name: 'too much.iso', mediaType: 'application/octet-stream', size: 9_000_000_000 },
    new Blob(['iso']),
    next({ own: true, state: 'queued' }),
  );
  client.moves(failed, { state: 'failed', problem: 'quota-exceeded' });
  client.seen('carol');
}

async function sendPicture(
  client: FakeClient,
  size: { width: number; height: number },
  hue: number,
  more: Partial<Message> & { caption?: string },
): Promise<void> {
  const canvas = new OffscreenCanvas(size.width, size.height);
  paint(canvas, hue);
  const content = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
  const bitmap = await createImageBitmap(canvas);
  const thumbnail = await thumbnailOf(size, drawing(bitmap));
  client.filed(
    'carol',
    { name: `IMG_${hue}.jpg`, mediaType: 'image/jpeg', ...size, ...(thumbnail && { thumbnail }) },
    content,
    more,
  );
}

function paint(canvas: OffscreenCanvas | HTMLCanvasElement, hue: number, at = 0): void {
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null;
  if (!context) return;
  const { width, height } = canvas;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 60% 78%)`);
  sky.addColorStop(1, `hsl(${hue + 40} 70% 90%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  for (let layer = 0; layer < 4; layer += 1) {
    context.fillStyle = `hsl(${hue + 15 * layer} 30% ${62 - 12 * layer}%)`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += width / 60) {
      const wave =
        Math.sin((x / width) * (6 + layer * 3) + layer * 2 + hue + at) * 0.06 +
        Math.sin((x / width) * 31 + layer) * 0.015;
      context.lineTo(x, height * (0.45 + layer * 0.14 + wave));
    }
    context.lineTo(width, height);
    context.fill();
  }
}

/** A video of a second and a half, as this browser records it. */
async function record(): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  paint(canvas, 190);
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise<unknown>((resolve) => recorder.addEventListener('stop', resolve));
  recorder.start();
  let frame = 0;
  const timer = setInterval(() => paint(canvas, 190, (frame += 1) / 6), 50);
  setTimeout(() => recorder.stop(), 1500);
  await stopped;
  clearInterval(timer);
  return new Blob(parts, { type: 'video/webm' });
}

/** 14 seconds of sound that swells like speech, as a WAV. */
function tone(): { sound: Blob; samples: Float32Array } {
  const rate = 8000;
  const samples = Float32Array.from({ length: 14 * rate }, (_, at) => {
    const time = at / rate;
    const loud = Math.max(0, Math.sin(time * 2.1) * Math.sin(time * 5.3 + 1)) ** 0.7;
    return Math.sin(time * 2 * Math.PI * 220) * loud * 0.4;
  });
  const data = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const put = (offset: number, text: string) =>
    [...text].forEach((letter, at) => data.setUint8(offset + at, letter.charCodeAt(0)));
  put(0, 'RIFF');
  data.setUint32(4, 36 + samples.length * 2, true);
  put(8, 'WAVEfmt ');
  data.setUint32(16, 16, true);
  data.setUint16(20, 1, true);
  data.setUint16(22, 1, true);
  data.setUint32(24, rate, true);
  data.setUint32(28, rate * 2, true);
  data.setUint16(32, 2, true);
  data.setUint16(34, 16, true);
  put(36, 'data');
  data.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, at) => data.setInt16(44 + at * 2, sample * 32_000, true));
  return { sound: new Blob([data], { type: 'audio/wav' }), samples };
}
