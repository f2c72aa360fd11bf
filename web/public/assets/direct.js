// A service worker that answers for nothing: see src/files/registration.ts.
