/** What the operator of a server says, as trees: never as markup. */

/** Colours for what is to be noticed, as `#rrggbb`: before light paper and behind white, and before dark paper and behind black. */
export interface Accent {
  light: string;
  dark: string;
}

export type SitePageName = 'about' | 'landing';

export interface SitePage {
  /** It does not stand in the content again. */
  title: string;
  content: SiteBlock[];
}

export interface NewsSummary {
  /** Its name, which begins with its day. */
  slug: string;
  title: string;
  /** The day, as `2026-11-20`. */
  date: string;
  /** The first paragraph, shortened; empty if there is none. */
  summary: string;
}

export interface NewsPage {
  /** The latest first. */
  items: NewsSummary[];
  /** Where the next page begins; absent on the last one. */
  next?: string;
}

export interface NewsItem {
  slug: string;
  /** It does not stand in the content again. */
  title: string;
  /** The day, as `2026-11-20`. */
  date: string;
  content: SiteBlock[];
}

export type SiteBlock =
  /** `level`: 1 to 6. */
  | { kind: 'heading'; level: number; content: SiteInline[] }
  | { kind: 'paragraph'; content: SiteInline[] }
  /** `start`: the number of the first item, of a numbered list. */
  | { kind: 'list'; start?: number; items: SiteBlock[][] }
  | { kind: 'quote'; content: SiteBlock[] }
  | { kind: 'code'; language?: string; text: string }
  /** Each row has a cell for each column. */
  | { kind: 'table'; columns: SiteAlignment[]; head: SiteInline[][]; rows: SiteInline[][][] }
  | { kind: 'rule' };

export type SiteInline =
  | { kind: 'text'; text: string }
  | { kind: 'emphasis' | 'strong' | 'strikethrough'; content: SiteInline[] }
  | { kind: 'code'; text: string }
  /** `to`: an `https:`, `http:` or `mailto:` address, or a path of the server; the client lets nothing else through. */
  | { kind: 'link'; to: string; content: SiteInline[] }
  /** A picture at `siteFile(name)`. */
  | { kind: 'image'; name: string; alt: string }
  | { kind: 'break' };

export type SiteAlignment = 'start' | 'center' | 'end';

/** Where a picture of the operator's pages is. */
export function siteFile(name: string): string {
  return `/v1/site/file/${encodeURIComponent(name)}`;
}
