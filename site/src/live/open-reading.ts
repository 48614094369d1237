/** Which reading this browser is in, so that its other pages can lead back there without asking anybody. */

const name = 'soulseer-open-reading';

export interface OpenReading {
  id: string;
  with: string;
}

export function rememberReading(reading: OpenReading): void {
  try {
    localStorage.setItem(name, JSON.stringify(reading));
  } catch {
    // Where nothing may be kept, nothing leads back.
  }
}

export function forgetReading(id: string): void {
  if (openReading()?.id === id) localStorage.removeItem(name);
}

export function openReading(): OpenReading | null {
  try {
    const kept = JSON.parse(localStorage.getItem(name) ?? 'null') as Partial<OpenReading> | null;
    return typeof kept?.id === 'string' && typeof kept.with === 'string' && /^[0-9a-f-]{36}$/.test(kept.id)
      ? { id: kept.id, with: kept.with }
      : null;
  } catch {
    return null;
  }
}
