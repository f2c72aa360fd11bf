import type { ChatId, MessageId } from '@sotto/client';

/** A file as the path of a request names it. Its name is for people, and for what the browser calls a saved file. */
export interface FileAddress {
  readonly chat: ChatId;
  readonly message: MessageId;
}

/** The path under which the service worker answers with a message's file. */
export function filePath({ chat, message }: FileAddress, name: string): string {
  return `/file/${encodeURIComponent(chat)}/${encodeURIComponent(message)}/${encodeURIComponent(name)}`;
}

/** Which file a path names, if it does. */
export function fileAt(path: string): FileAddress | undefined {
  const found = /^\/file\/([^/]+)\/([^/]+)\/[^/]+$/.exec(path);
  if (!found?.[1] || !found[2]) return undefined;
  try {
    return { chat: decodeURIComponent(found[1]), message: decodeURIComponent(found[2]) };
  } catch {
    return undefined;
  }
}
