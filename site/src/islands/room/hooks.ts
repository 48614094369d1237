import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Store } from '../../live/store.ts';

/** A store's value, kept up to date. */
export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.subscribe, store.get);

/** The time, so many times a second; `ahead_ms` makes it the server's. */
export function useNow(ahead_ms = 0, everyMs = 500): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now + ahead_ms;
}

/** What was kept for one room in this tab: it comes back after a reload. */
export interface Kept {
  entered: boolean;
  chosen: { audio: string | null; video: string | null };
  on: { audio: boolean; video: boolean };
}

const nameOf = (id: string) => `soulseer-room-${id}`;

export function readKept(id: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(nameOf(id)) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}

export function keep(id: string, kept: Kept | null): void {
  try {
    if (kept) sessionStorage.setItem(nameOf(id), JSON.stringify(kept));
    else sessionStorage.removeItem(nameOf(id));
  } catch {
    // Then a reload asks again.
  }
}
