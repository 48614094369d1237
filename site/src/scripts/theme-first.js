// Runs before the page is painted, so that a chosen theme doesn't flash. Everything else about themes: theme.ts
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'day' || theme === 'night') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's own preference holds then.
}
