import type { FileAnswer, PieceAnswer, PieceAsked } from '../files/file-port';
import { OPAQUE, servedType } from '../text/media';
import { shownName } from '../text/file';
import { pieces, rangeOf, type ByteRange } from './range';

/** A file as a tab gives it. */
export interface OpenFile {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly port: MessagePort;
}

/** A tab's first answer, with the port on which pieces are asked for; `undefined` if it does not have the file. */
export function opened(answer: FileAnswer, port: MessagePort): OpenFile | undefined {
  if (answer.kind === 'none') return undefined;
  const { name, mediaType, size } = answer;
  return { name, mediaType, size, port };
}

/** What is wanted of a file: a range of it, or all of it to be saved. */
export interface Wanted {
  readonly range: string | null;
  readonly isDownload: boolean;
}

/**
 * The answer to a request for a file. Whatever is in the file, it cannot become a page of this origin: its type is from a fixed list,
 * which has no documents in it, and the policy would take the origin away from one.
 */
export function answer(file: OpenFile, { range, isDownload }: Wanted): Response {
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; sandbox",
    'content-type': isDownload ? OPAQUE : servedType(file.mediaType),
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
  if (isDownload) headers.set('content-disposition', disposition(file.name));
  const asked = rangeOf(range, file.size);
  if (asked === 'unsatisfiable') {
    close(file.port);
    headers.set('content-range', `bytes */${file.size}`);
    return new Response(null, { status: 416, headers });
  }
  const { start, end } = asked ?? { start: 0, end: file.size };
  headers.set('content-length', String(end - start));
  if (asked) headers.set('content-range', `bytes ${start}-${end - 1}/${file.size}`);
  return new Response(stream(file.port, { start, end }), { status: asked ? 206 : 200, headers });
}

/** There is no such file, or no tab that could give it. A navigation that is answered so stays where it is. */
export function missing(isDownload: boolean): Response {
  return new Response(null, { status: isDownload ? 204 : 404, headers: { 'cache-control': 'no-store' } });
}

/** `Content-Disposition` (RFC 6266), the name in UTF-8 (RFC 8187) beside one that every client understands. */
function disposition(name: string): string {
  const shown = shownName(name);
  const plain = shown.replace(/[^\x20-\x7E]|["%]/g, '_');
  const encoded = encodeURIComponent(shown).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/** Reads no further than a piece ahead of whoever takes the bytes, so that a file of any size needs the memory of a few pieces. */
function stream(port: MessagePort, range: ByteRange): ReadableStream<Uint8Array> {
  const left = pieces(range);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = left.next();
        if (next.done) {
          close(port);
          controller.close();
          return;
        }
        const { start, end } = next.value;
        const piece = await ask(port, { kind: 'piece', start, end });
        if (piece.kind === 'failed' || piece.bytes.byteLength !== end - start) {
          close(port);
          controller.error(new TypeError('the file could not be read'));
          return;
        }
        controller.enqueue(new Uint8Array(piece.bytes));
      },
      cancel: () => close(port),
    },
    { highWaterMark: 1 },
  );
}

function ask(port: MessagePort, asked: PieceAsked): Promise<PieceAnswer> {
  return new Promise((resolve) => {
    port.onmessage = ({ data }: MessageEvent<PieceAnswer>) => resolve(data);
    port.postMessage(asked);
  });
}

export function close(port: MessagePort): void {
  port.postMessage({ kind: 'end' } satisfies PieceAsked);
  port.close();
}
