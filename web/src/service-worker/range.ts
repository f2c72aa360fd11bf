/** Bytes of a file: from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a `Range` header asks of a file of `size` bytes (RFC 9110, section 14): a range, `undefined` for all of it, as that is what one
 * answers to a header that is absent, malformed, or asks for several ranges; or `unsatisfiable`.
 */
export function rangeOf(header: string | null, size: number): ByteRange | 'unsatisfiable' | undefined {
  const asked = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '');
  if (!asked) return undefined;
  const [first, last] = [asked[1] ?? '', asked[2] ?? ''];
  if (first === '') {
    if (last === '') return undefined;
    const count = Number(last);
    if (count === 0 || size === 0) return 'unsatisfiable';
    return { start: Math.max(0, size - count), end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(size, Number(last) + 1) };
}

/** The first piece that is read: small, so that a video begins soon. */
const FIRST_PIECE = 256 * 1024;
/** The largest: the client reads no more at once. */
const LARGEST_PIECE = 4 * 1024 * 1024;

/** The pieces in which a range is read, one after the other: each twice as large as the one before, up to a bound. */
export function* pieces({ start, end }: ByteRange): Generator<ByteRange> {
  let length = FIRST_PIECE;
  for (let at = start; at < end;) {
    const next = Math.min(end, at + length);
    yield { start: at, end: next };
    at = next;
    length = Math.min(LARGEST_PIECE, 2 * length);
  }
}
