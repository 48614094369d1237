// Keeps one page for when there is no connection, with its styles. Everything else is asked of the network, always.
const kept = 'offline-1';

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(kept);
      const page = await fetch('/offline', { credentials: 'omit' });
      if (!page.ok) throw new Error('there is no page to keep');
      await cache.put('/offline', page.clone());
      const files = [
        ...(await page.text()).matchAll(/(?:href|src)="(\/_astro\/[^"]+\.(?:css|woff2|js)|\/favicon\.svg)"/g),
      ];
      await cache.addAll([...new Set(files.map(([, file]) => file))]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== kept) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(async () => (await caches.match('/offline')) ?? Response.error()));
    return;
  }
  // What the kept page is made of; its name has a hash of its content, so the network's would be the same.
  const { origin, pathname } = new URL(request.url);
  if (request.method === 'GET' && origin === self.location.origin && pathname.startsWith('/_astro/'))
    event.respondWith(caches.match(request).then((file) => file ?? fetch(request)));
});
