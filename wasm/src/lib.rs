//! Sotto's client SDK for the browser: converts and forwards.
