// The live preview of the CMS's admin (X1): it tells its frame what stands in the form, and the site draws that.

/** Typing pauses for so long before it is drawn. */
const pauseMs = 300;

/** What the admin tells: the form as it stands, or that a document was saved. */
interface Told {
  type?: unknown;
  data?: unknown;
}

/** Draws what the admin's form says, whenever it changes, and keeps the place on the page. */
export function followForm(): void {
  const origin = document.querySelector<HTMLElement>('[data-cms-origin]')?.dataset.cmsOrigin;
  const admin = window.parent === window ? window.opener : window.parent;
  if (!origin || !admin) return;
  let form: string | undefined;
  let drawn: string | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let asking = new AbortController();

  async function draw(): Promise<void> {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const asked = form;
    try {
      const answer = await fetch(location.href, {
        signal,
        headers: { accept: 'text/html', ...(asked ? { 'content-type': 'application/json' } : {}) },
        ...(asked ? { method: 'POST', body: asked } : {}),
      });
      // Half a document may be nothing to draw; what was drawn before stays until it is whole.
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const [before, after] = [document.querySelector('main'), page.querySelector('main')];
      if (!before || !after || signal.aborted) return;
      before.replaceChildren(...after.childNodes);
      drawn = asked;
    } catch {
      // The next change asks again.
    }
  }
  const soon = () => {
    clearTimeout(pause);
    pause = setTimeout(draw, pauseMs);
  };

  window.addEventListener('message', ({ origin: from, data: told }: MessageEvent<Told | null>) => {
    if (from !== origin || !told) return;
    // Something that this one refers to may have been saved meanwhile.
    if (told.type === 'payload-document-event') soon();
    if (told.type !== 'payload-live-preview' || !told.data) return;
    form = JSON.stringify(told.data);
    if (form !== drawn) soon();
  });
  (admin as Window).postMessage({ type: 'payload-live-preview', ready: true }, origin);
}
