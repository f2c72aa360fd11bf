/**
 * Whether a GIF has more than one image in it (GIF89a, sections 17 to 26). One that cannot be followed to its end counts as animated:
 * what is not understood is not drawn anew.
 */
export function isAnimatedGif(bytes: Uint8Array): boolean {
  const byte = (offset: number) => bytes[offset] ?? -1;
  const tableOf = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + tableOf(byte(10));
  let images = 0;
  for (;;) {
    switch (byte(at)) {
      case 0x21:
        at = afterBlocks(bytes, at + 2);
        break;
      case 0x2c:
        images += 1;
        if (images > 1) return true;
        // The image's own colours, then the size of its codes.
        at = afterBlocks(bytes, at + 10 + tableOf(byte(at + 9)) + 1);
        break;
      case 0x3b:
        return false;
      default:
        return true;
    }
  }
}

/** Behind a row of sub-blocks, each of which begins with its length; the last has none. */
function afterBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return bytes.length;
    at += length + 1;
    if (length === 0) return at;
  }
}
