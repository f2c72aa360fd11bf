//! The Content Security Policy of the web app: its page, and the Workers that its scripts become.

/// Scripts, styles and connections of our own origin only, WebAssembly, and no markup from strings (Trusted Types).
/// `connect-src 'self'` covers the WebSocket of the same origin (CSP 3, section 6.7.2.8).
pub(super) const PAGE_POLICY: &str = "default-src 'none'; \
    script-src 'self' 'wasm-unsafe-eval'; \
    worker-src 'self'; \
    connect-src 'self'; \
    style-src 'self'; \
    img-src 'self' data: blob:; \
    media-src 'self' blob:; \
    font-src 'self'; \
    manifest-src 'self'; \
    base-uri 'none'; \
    form-action 'self'; \
    frame-ancestors 'none'; \
    require-trusted-types-for 'script'; \
    trusted-types svelte-trusted-html sotto sotto-web";

/// The page of the interface: scripts, styles and connections of our own origin only, and no WebAssembly. What it is made with writes
/// its markup as strings, so it knows no Trusted Types; what it shows is ours alone.
pub(super) const API_DOCS_POLICY: &str = "default-src 'none'; \
    script-src 'self'; \
    connect-src 'self'; \
    style-src 'self'; \
    img-src 'self' data:; \
    base-uri 'none'; \
    form-action 'none'; \
    frame-ancestors 'none'";
