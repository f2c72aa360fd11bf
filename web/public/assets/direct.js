// A service worker that answers for nothing: src/trusted-script.ts says why.
