import { expect, test, vi } from 'vitest';
import { isAnimatedGif } from '../src/files/gif';
import { placeOf } from '../src/files/place';
import { sniff } from '../src/files/sniff';
import { fit, THUMBNAIL_BYTES, thumbnailOf } from '../src/files/thumbnail';
import { LEVELS, levels } from '../src/files/waveform';

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const letters = (text: string) => new TextEncoder().encode(text);

test('a picture is what its first bytes say, whatever it is called', () => {
  expect(sniff(bytes('ffd8ffe000104a46'))).toBe('image/jpeg');
  expect(sniff(bytes('89504e470d0a1a0a'))).toBe('image/png');
  expect(sniff(letters('RIFF\0\0\0\0WEBPVP8 '))).toBe('image/webp');
  expect(sniff(letters('RIFF\0\0\0\0WAVEfmt '))).toBeUndefined();
  expect(sniff(letters('GIF89a'))).toBe('image/gif');
  expect(sniff(letters('\0\0\0\x18ftypheic'))).toBe('image/heic');
  expect(sniff(letters('\0\0\0\x18ftypavif'))).toBe('image/avif');
  expect(sniff(letters('\0\0\0\x18ftypisom'))).toBeUndefined();
  expect(sniff(letters('II*\0'))).toBe('image/tiff');
  expect(sniff(letters(`BM${'\0'.repeat(30)}`))).toBe('image/bmp');
  expect(sniff(letters('BMW is a car'))).toBeUndefined();
  expect(sniff(new Uint8Array())).toBeUndefined();
});

test('a drawing with programs in it is found behind what may stand before it', () => {
  for (const svg of [
    '<svg xmlns="http://www.w3.org/2000/svg">',
    '\n <?xml version="1.0"?>\n<!-- made by hand -->\n<!DOCTYPE svg PUBLIC "x">\n<SVG>',
    '\uFEFF<svg/>'.replace('/', ' '),
  ]) {
    expect(sniff(letters(svg))).toBe('image/svg+xml');
  }
  expect(sniff(letters('<html><svg>'))).toBeUndefined();
});

/** A GIF of one pixel, shown so many times; between them what programs write into GIFs. */
const gif = (images: number) =>
  bytes(`474946383961010001008001000000ffffffff${'21f90400000000002c0000000001000100000202440100'.repeat(images)}3b`);

test('a GIF is animated if it has a second image', () => {
  expect(isAnimatedGif(gif(1))).toBe(false);
  expect(isAnimatedGif(gif(2))).toBe(true);
  expect(isAnimatedGif(gif(40))).toBe(true);
});

test('a GIF that is cut off counts as animated, as it is not understood', () => {
  for (let length = 0; length < gif(1).length; length += 1)
    expect(isAnimatedGif(gif(1).subarray(0, length))).toBe(true);
});

test('a thumbnail keeps its shape, and is never enlarged', () => {
  expect(fit({ width: 4000, height: 3000 }, 480)).toEqual({ width: 480, height: 360 });
  expect(fit({ width: 100, height: 50 }, 480)).toEqual({ width: 100, height: 50 });
  expect(fit({ width: 10_000, height: 1 }, 480)).toEqual({ width: 480, height: 1 });
});

test('a thumbnail becomes coarser, then smaller, until it has at most 24 KiB', async () => {
  const drawn: string[] = [];
  // As a picture of noise: as many bytes as pixels.
  const draw = vi.fn(async ({ width, height }: { width: number; height: number }, quality: number) => {
    drawn.push(`${width}×${height} ${quality}`);
    return new Blob([new Uint8Array(Math.round(width * height * quality))]);
  });
  const thumbnail = await thumbnailOf({ width: 3000, height: 3000 }, draw);
  expect(thumbnail?.length).toBeLessThanOrEqual(THUMBNAIL_BYTES);
  expect(drawn.slice(0, 3)).toEqual(['480×480 0.75', '480×480 0.5', '360×360 0.75']);
  expect(drawn.at(-1)).toBe('160×160 0.75');
});

test('a picture of which no thumbnail is small enough has none', async () => {
  const huge = async () => new Blob([new Uint8Array(THUMBNAIL_BYTES + 1)]);
  expect(await thumbnailOf({ width: 10, height: 10 }, huge)).toBeUndefined();
  expect(await thumbnailOf({ width: 10, height: 10 }, async () => new Blob([]))).toBeUndefined();
});

test('a waveform has 64 levels, the loudest of them 255, and silence has none', () => {
  const samples = Float32Array.from({ length: 6400 }, (_, at) => (at < 3200 ? 0.1 : 0.4) * (at % 2 === 0 ? 1 : -1));
  const found = levels(samples);
  expect(found.length).toBe(LEVELS);
  expect([...found.subarray(0, 32)]).toEqual(Array<number>(32).fill(64));
  expect([...found.subarray(32)]).toEqual(Array<number>(32).fill(255));
  expect([...levels(new Float32Array(6400))]).toEqual(Array<number>(LEVELS).fill(0));
  expect(levels(Float32Array.from([0.5, 0.5])).length).toBe(LEVELS);
  expect(levels(new Float32Array()).length).toBe(LEVELS);
});

test('the place of a picture follows from what its sender says, within bounds', () => {
  expect(placeOf({ width: 1600, height: 1200 })).toEqual({ width: 340, height: 255 });
  expect(placeOf({ width: 900, height: 1600 })).toEqual({ width: 203, height: 360 });
  expect(placeOf({ width: 16, height: 16 })).toEqual({ width: 96, height: 96 });
  expect(placeOf({ width: 1_000_000, height: 1 })).toEqual({ width: 340, height: 113 });
  expect(placeOf({ width: 1, height: 1_000_000 })).toEqual({ width: 96, height: 288 });
  for (const nonsense of [{}, { width: 0, height: 10 }, { width: -4, height: 3 }, { width: Number.NaN, height: 3 }]) {
    expect(placeOf(nonsense)).toEqual({ width: 340, height: 255 });
  }
});
