type Theme = 'day' | 'night';

const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme: dark)');
const button = document.querySelector<HTMLButtonElement>('[data-theme-toggle]');

const current = (): Theme => {
  const chosen = root.dataset.theme;
  if (chosen === 'day' || chosen === 'night') return chosen;
  return system.matches ? 'night' : 'day';
};

function show(): void {
  const night = current() === 'night';
  button?.setAttribute('aria-pressed', String(night));
  document
    .querySelector('meta[name="theme-color"]')
    ?.setAttribute('content', getComputedStyle(root).backgroundColor);
}

button?.addEventListener('click', () => {
  const next: Theme = current() === 'night' ? 'day' : 'night';
  root.dataset.theme = next;
  try {
    // The system's own preference needs no remembering.
    if ((next === 'night') === system.matches) localStorage.removeItem('theme');
    else localStorage.setItem('theme', next);
  } catch {
    // Storage may be forbidden: the choice holds for this page.
  }
  show();
});
system.addEventListener('change', show);
if (button) button.hidden = false;
show();
