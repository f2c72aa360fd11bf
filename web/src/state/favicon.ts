/** What nobody has read, on the icon of the tab: drawn here, above the icon of the page. */
export class Favicon {
  readonly #link: HTMLLinkElement;
  readonly #plain: string;
  #address: string | undefined;

  constructor(link: HTMLLinkElement) {
    this.#link = link;
    this.#plain = link.href;
  }

  show(unread: number): void {
    const before = this.#address;
    this.#address =
      unread > 0 ? URL.createObjectURL(new Blob([drawing(unread)], { type: 'image/svg+xml' })) : undefined;
    this.#link.href = this.#address ?? this.#plain;
    if (before !== undefined) URL.revokeObjectURL(before);
  }
}

/** The mark of Sotto with a count in its corner: what an icon of 16 pixels has room for. */
export function drawing(unread: number): string {
  const words = unread > 99 ? '99+' : String(unread);
  const size = { 1: 34, 2: 30, 3: 23 }[words.length] ?? 23;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <rect width="64" height="64" rx="17" fill="#2b594c"/>
  <g stroke="#f6f3ec" stroke-width="5.5" stroke-linecap="round">
    <path d="M17 17v30"/><path d="M27.5 22v20" opacity=".9"/><path d="M38 26.5v11" opacity=".75"/>
  </g>
  <circle cx="43" cy="43" r="21" fill="#c2410c" stroke="#fff" stroke-width="3"/>
  <text x="43" y="43" dy=".36em" text-anchor="middle" font-family="system-ui, sans-serif" font-size="${size}" font-weight="700" fill="#fff">${words}</text>
</svg>`;
}
