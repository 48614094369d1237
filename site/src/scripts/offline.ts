// A page for when there is no connection. Without it everything else works.
if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(() => {});
