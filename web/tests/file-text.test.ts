import { expect, test } from 'vitest';
import type { FileInfo } from '@sotto/client';
import {
  fileWords,
  percent,
  playTime,
  sendableName,
  shownName,
  sizeWords,
  spokenTime,
  typeWords,
  withExtension,
} from '../src/text/file';
import { mediaKind, servedType } from '../src/text/media';
import { byteLength } from '../src/text/message';

test('only what browsers draw and play without running anything is drawn and played', () => {
  expect(mediaKind('image/jpeg')).toBe('image');
  expect(mediaKind('IMAGE/PNG; charset=x')).toBe('image');
  expect(mediaKind('video/mp4; codecs="avc1"')).toBe('video');
  expect(mediaKind('audio/webm;codecs=opus')).toBe('audio');
  for (const type of [
    'image/svg+xml',
    'text/html',
    'application/pdf',
    'application/xhtml+xml',
    'image/heic',
    'text/xml',
    '',
    'constructor',
  ]) {
    expect([type, mediaKind(type), servedType(type)]).toEqual([type, 'file', 'application/octet-stream']);
  }
  expect(servedType('audio/x-m4a')).toBe('audio/mp4');
});

test('a name cannot pretend to be another one', () => {
  expect(shownName('invoice\u202Efdp.exe')).toBe('invoicefdp.exe');
  expect(shownName('../../etc/passwd')).toBe('.._.._etc_passwd');
  expect(shownName('a\u0000b\nc')).toBe('a_b_c');
  expect(shownName('\u202E')).toBe('file');
});

test('a name that is sent has at most 255 bytes, and keeps its extension', () => {
  const long = sendableName(`${'ü'.repeat(300)}.jpeg`);
  expect(byteLength(long)).toBeLessThanOrEqual(255);
  expect(long.endsWith('ü.jpeg')).toBe(true);
  expect(byteLength(sendableName('👩‍👩‍👧‍👦'.repeat(40)))).toBeLessThanOrEqual(255);
  expect(sendableName('plain.txt')).toBe('plain.txt');
  expect(withExtension('scan.bmp', 'jpg')).toBe('scan.jpg');
  expect(withExtension('scan', 'jpg')).toBe('scan.jpg');
});

test('sizes, times and shares are said as people say them', () => {
  expect([0, 1, 999, 1000, 1500, 999_600, 10_400_000, 2_147_483_648].map(sizeWords)).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1 KB',
    '1.5 KB',
    '1 MB',
    '10 MB',
    '2.1 GB',
  ]);
  expect([0, 7400, 61_000, 3_723_000].map(playTime)).toEqual(['0:00', '0:07', '1:01', '1:02:03']);
  expect([0, 61_000, 3_600_000].map(spokenTime)).toEqual(['0 seconds', '1 minute 1 second', '1 hour']);
  expect([percent(0, 0), percent(1, 3), percent(999, 1000), percent(5, 5), percent(9, 5)]).toEqual([
    0, 33, 99, 100, 100,
  ]);
});

test('a file is named in words where it is not shown', () => {
  const file: FileInfo = { name: 'a.pdf', mediaType: 'application/pdf', size: 1 };
  expect(fileWords(file)).toBe('a.pdf');
  expect(fileWords({ ...file, mediaType: 'image/png' })).toBe('Picture');
  expect(fileWords({ ...file, mediaType: 'video/mp4', duration: 12_000 })).toBe('Video (0:12)');
  expect(fileWords({ ...file, mediaType: 'audio/mp4', isVoice: true, duration: 7000 })).toBe('Voice message (0:07)');
  expect(fileWords({ ...file, name: 'song.mp3', mediaType: 'audio/mpeg' })).toBe('song.mp3');
  expect([
    typeWords(file),
    typeWords({ name: 'README', mediaType: '' }),
    typeWords({ name: 'x', mediaType: 'image/png' }),
  ]).toEqual(['PDF', 'File', 'Picture']);
});
