"""Pages and mails in a real browser. A package, so that its fixtures end with it: the browser's
event loop must be gone before other tests start one of their own."""
