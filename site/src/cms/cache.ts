/** Ages in milliseconds, named as HTTP names them (RFC 9111, RFC 5861). */
export interface CacheAges {
  /** Until then a value is given as it is. */
  max_age: number;
  /** For so long after, it is given at once and read anew behind it. */
  stale_while_revalidate: number;
  /** For so long after `max_age`, it is given when reading anew fails. */
  stale_if_error: number;
}

interface Entry {
  value: unknown;
  read_at: number;
  failed_at: number;
}

/** How long after a failure nothing is asked again while there is an older value to give. */
const pauseAfterFailureMs = 2_000;

export interface Cache {
  /** The value under `key`, read by `load` when it is absent or too old. Simultaneous readers share one reading. */
  read<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** Something has changed: everything is read anew when next wanted, and what is there serves only if that fails. */
  forget(): void;
  /** Keeps this one no longer. */
  drop(key: string): void;
}

/** Keeps what was read, so that pages are quick and outlive an outage of what they are read from. */
export function createCache(
  ages: CacheAges,
  maxEntries: number,
  clock: () => number = () => performance.now(),
): Cache {
  const entries = new Map<string, Entry>();
  const underway = new Map<string, Promise<unknown>>();
  let forgotten = 0;

  function refresh(key: string, load: () => Promise<unknown>): Promise<unknown> {
    const already = underway.get(key);
    if (already) return already;
    const began = forgotten;
    const reading = load()
      .then(
        (value) => {
          entries.delete(key); // so that it goes to the end: the first one is the one unread for longest
          // What was asked before something changed may be what it was before.
          const read_at = began === forgotten ? clock() : clock() - staleMs;
          entries.set(key, { value, read_at, failed_at: Number.NEGATIVE_INFINITY });
          const oldest = entries.keys().next();
          if (entries.size > maxEntries && !oldest.done) entries.delete(oldest.value);
          return value;
        },
        (error: unknown) => {
          const entry = entries.get(key);
          if (entry) entry.failed_at = clock();
          throw error;
        },
      )
      .finally(() => {
        if (underway.get(key) === reading) underway.delete(key);
      });
    underway.set(key, reading);
    return reading;
  }

  /** Too old to be given without asking. */
  const staleMs = ages.max_age + ages.stale_while_revalidate + 1;

  return {
    forget() {
      forgotten += 1;
      underway.clear();
      for (const entry of entries.values()) entry.read_at = Math.min(entry.read_at, clock() - staleMs);
    },

    drop: (key) => void entries.delete(key),

    async read<T>(key: string, load: () => Promise<T>): Promise<T> {
      const entry = entries.get(key);
      if (!entry) return (await refresh(key, load)) as T;
      const now = clock();
      const late = now - entry.read_at - ages.max_age;
      if (late <= 0) return entry.value as T;
      const usable = late <= ages.stale_if_error;
      if (usable && now - entry.failed_at < pauseAfterFailureMs) return entry.value as T;
      const reading = refresh(key, load);
      if (late <= ages.stale_while_revalidate) {
        reading.catch(() => {}); // told when it was read; the older value stays good
        return entry.value as T;
      }
      try {
        return (await reading) as T;
      } catch (error) {
        if (usable) return entry.value as T;
        entries.delete(key);
        throw error;
      }
    },
  };
}
