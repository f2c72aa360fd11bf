import type { Attachment } from 'svelte/attachments';

/**
 * Takes files that are dropped anywhere on an element. `onover` hears whether some are held over it; text and links that are dragged are
 * none of its business.
 */
export function dropFiles(
  onover: (isOver: boolean) => void,
  onfiles: (files: File[]) => void,
): Attachment<HTMLElement> {
  return (element) => {
    const listening = new AbortController();
    const { signal } = listening;
    const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') ?? false;
    // Each child that the pointer comes to is entered before the one before it is left.
    let depth = 0;
    const over = (change: number): void => {
      depth = Math.max(0, depth + change);
      onover(depth > 0);
    };
    element.addEventListener('dragenter', (event) => hasFiles(event) && over(1), { signal });
    element.addEventListener('dragleave', (event) => hasFiles(event) && over(-1), { signal });
    element.addEventListener(
      'dragover',
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      },
      { signal },
    );
    element.addEventListener(
      'drop',
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth = 0;
        onover(false);
        onfiles([...(event.dataTransfer?.files ?? [])]);
      },
      { signal },
    );
    return () => listening.abort();
  };
}

/** A file that is dropped where nothing takes it would replace the page. Holds until the returned function is called. */
export function refuseDrops(): () => void {
  const listening = new AbortController();
  const refuse = (event: DragEvent): void => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'none';
  };
  for (const name of ['dragover', 'drop'] as const) addEventListener(name, refuse, { signal: listening.signal });
  return () => listening.abort();
}

/**
 * The files in what is pasted. A picture that was copied from a page comes with its markup, a file with its name; where there are words
 * and markup, the picture beside them is one of the words, as word processors put it there.
 */
export function pastedFiles({ clipboardData }: ClipboardEvent): File[] {
  if (!clipboardData) return [];
  const { types } = clipboardData;
  if (types.includes('text/plain') && types.includes('text/html')) return [];
  return [...clipboardData.files];
}
