import type { ChatId, ChatSummary, CommunityId, MessageId } from '@sotto/client';
import { parseSearch, type SearchAddress } from './text/search-address';

/** What a path shows. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'register' }
  | { readonly page: 'login' }
  | { readonly page: 'oidc-return' }
  | { readonly page: 'people' }
  | { readonly page: 'person'; readonly name: string }
  /** `message`: the one that is shown first. */
  | { readonly page: 'direct-chat'; readonly name: string; readonly message?: MessageId }
  | { readonly page: 'notes'; readonly message?: MessageId }
  | { readonly page: 'starred' }
  | { readonly page: 'search'; readonly sought: SearchAddress }
  | { readonly page: 'groups' }
  | { readonly page: 'new-group'; readonly community?: CommunityId }
  | { readonly page: 'join' }
  | { readonly page: 'group-chat'; readonly group: ChatId; readonly message?: MessageId }
  | { readonly page: 'group-about'; readonly group: ChatId }
  | { readonly page: 'communities' }
  | { readonly page: 'new-community' }
  | { readonly page: 'community'; readonly community: CommunityId }
  /** A chat by its id alone, as a notification knows it. */
  | { readonly page: 'open'; readonly chat: ChatId; readonly message?: MessageId }
  | { readonly page: 'notifications' }
  | { readonly page: 'settings' }
  | { readonly page: 'devices' }
  | { readonly page: 'notification-settings' }
  | { readonly page: 'passkeys' }
  | { readonly page: 'provider' }
  | { readonly page: 'profile' }
  | { readonly page: 'own-history' }
  | { readonly page: 'delete-account' }
  | { readonly page: 'administration' }
  | { readonly page: 'administered-accounts' }
  | { readonly page: 'server-invites' }
  | { readonly page: 'server-reports' }
  | { readonly page: 'server-roles' }
  | { readonly page: 'audit-log' }
  | { readonly page: 'about' }
  | { readonly page: 'news' }
  | { readonly page: 'news-item'; readonly slug: string }
  | { readonly page: 'not-found' };

const PAGES: Readonly<Record<string, Route>> = {
  '/': { page: 'home' },
  '/register': { page: 'register' },
  '/login': { page: 'login' },
  '/login/oidc': { page: 'oidc-return' },
  '/people': { page: 'people' },
  '/starred': { page: 'starred' },
  '/groups': { page: 'groups' },
  '/groups/new': { page: 'new-group' },
  '/communities': { page: 'communities' },
  '/communities/new': { page: 'new-community' },
  '/join': { page: 'join' },
  '/settings': { page: 'settings' },
  '/settings/devices': { page: 'devices' },
  '/settings/notifications': { page: 'notification-settings' },
  '/settings/passkeys': { page: 'passkeys' },
  '/settings/provider': { page: 'provider' },
  '/settings/profile': { page: 'profile' },
  '/settings/history': { page: 'own-history' },
  '/settings/delete-account': { page: 'delete-account' },
  '/admin': { page: 'administration' },
  '/admin/accounts': { page: 'administered-accounts' },
  '/admin/invites': { page: 'server-invites' },
  '/admin/reports': { page: 'server-reports' },
  '/admin/roles': { page: 'server-roles' },
  '/admin/log': { page: 'audit-log' },
  '/notifications': { page: 'notifications' },
  '/about': { page: 'about' },
  '/news': { page: 'news' },
};

const NOT_FOUND: Route = { page: 'not-found' };

/** The route of a path and what is behind its question mark. Account names are lower case; a path that was typed by hand need not be. */
export function routeOf(path: string, search = ''): Route {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  if (Object.hasOwn(PAGES, trimmed)) return PAGES[trimmed] ?? NOT_FOUND;
  if (trimmed === '/search') return { page: 'search', sought: parseSearch(search) };
  const message = new URLSearchParams(search).get('message');
  const sought = message ? { message } : {};
  if (trimmed === '/notes') return { page: 'notes', ...sought };
  const group = /^\/group\/([A-Za-z0-9_-]+)(\/about)?$/.exec(trimmed);
  if (group?.[1]) {
    return group[2] ? { page: 'group-about', group: group[1] } : { page: 'group-chat', group: group[1], ...sought };
  }
  const community = /^\/community\/([A-Za-z0-9_-]+)(\/new-group)?$/.exec(trimmed);
  if (community?.[1]) return { page: community[2] ? 'new-group' : 'community', community: community[1] };
  const item = /^\/news\/([0-9a-z-]+)$/.exec(trimmed);
  if (item?.[1]) return { page: 'news-item', slug: item[1] };
  const open = /^\/open\/([A-Za-z0-9_-]+)$/.exec(trimmed);
  if (open?.[1]) return { page: 'open', chat: open[1], ...sought };
  const named = /^\/(dm|people)\/([^/]+)$/.exec(trimmed);
  if (!named?.[2]) return NOT_FOUND;
  try {
    const name = decodeURIComponent(named[2]).toLowerCase();
    return named[1] === 'people' ? { page: 'person', name } : { page: 'direct-chat', name, ...sought };
  } catch {
    return NOT_FOUND;
  }
}

export function directChatPath(name: string): string {
  return `/dm/${encodeURIComponent(name)}`;
}

/** The page of what somebody says of themselves. */
export function personPath(name: string): string {
  return `/people/${encodeURIComponent(name)}`;
}

export function newsPath(slug: string): string {
  return `/news/${slug}`;
}

export function groupPath(group: ChatId): string {
  return `/group/${group}`;
}

export function groupAboutPath(group: ChatId): string {
  return `${groupPath(group)}/about`;
}

export function communityPath(community: CommunityId): string {
  return `/community/${community}`;
}

/** The page on which a group of a community is made. */
export function newGroupPath(community: CommunityId): string {
  return `${communityPath(community)}/new-group`;
}

/** The page of a chat. */
export function chatPath({ chat, kind }: ChatSummary): string {
  switch (kind.kind) {
    case 'direct':
      return directChatPath(kind.with.name);
    case 'group':
      return groupPath(chat);
    case 'notes':
      return '/notes';
  }
}

/** The page of a chat, at one of its messages. */
export function messagePath(summary: ChatSummary, message: MessageId): string {
  return `${chatPath(summary)}?message=${encodeURIComponent(message)}`;
}

/** The address bar as state. Links are ordinary `<a href>`: a click on one of ours moves without loading. */
export class Router {
  route = $state.raw<Route>(routeOf(location.pathname, location.search));
  /** How often this tab has moved: 0 means that the browser itself opened the page, and put the focus. */
  moves = $state(0);

  /** Listens to the browser until the returned function is called. */
  listen(): () => void {
    const onPopState = () => this.#show();
    const onClick = (event: MouseEvent) => this.#follow(event);
    addEventListener('popstate', onPopState);
    document.addEventListener('click', onClick);
    return () => {
      removeEventListener('popstate', onPopState);
      document.removeEventListener('click', onClick);
    };
  }

  go(path: string, how: 'push' | 'replace' = 'push'): void {
    if (path === location.pathname + location.search) {
      // One may have scrolled away from the message meanwhile.
      if ('message' in this.route) this.#show();
      return;
    }
    if (how === 'push') history.pushState(null, '', path);
    else history.replaceState(null, '', path);
    this.#show();
  }

  #show(): void {
    this.route = routeOf(location.pathname, location.search);
    this.moves += 1;
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    // A fragment is the browser's: the skip link, for one.
    if (link.hash) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
