// Shows a push message, and opens the order's page when it is pressed. It keeps nothing.
"use strict";

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data.json();
  } catch {
    return;
  }
  event.waitUntil(
    self.registration.showNotification(String(said.title || ""), {
      body: String(said.body || ""),
      tag: String(said.url || ""),
      icon: "/static/icon.svg",
      data: { url: String(said.url || "") },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  // Only pages of ours: a path, not an address that could lead elsewhere.
  const target = new URL(event.notification.data.url, self.location.origin);
  if (target.origin !== self.location.origin || !target.pathname.startsWith("/t/")) return;
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((pages) => {
      const there = pages.find((page) => new URL(page.url).pathname === target.pathname);
      return there ? there.focus() : self.clients.openWindow(target.href);
    }),
  );
});
