import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDevices } from '../../src/live/media/devices.ts';
import type { Kind } from '../../src/live/media/media.ts';

// A browser's devices can't be had in a test. What stands in for them gives one track for each asking, and keeps them all, so that
// what goes on running is found.

interface Asked {
  kind: Kind;
  id: string;
  give(): void;
  refuse(name: string): void;
}

class Track extends EventTarget {
  enabled = true;
  stopped = false;
  readonly kind: Kind;
  readonly id: string;
  constructor(kind: Kind, id: string) {
    super();
    this.kind = kind;
    this.id = id;
  }
  getSettings() {
    return { deviceId: this.id };
  }
  stop() {
    this.stopped = true;
  }
}

interface Ways {
  /** Ids that can't be opened, and why. */
  broken?: Record<string, string>;
  /** As phones are: a camera while another one is open is refused. */
  oneCamera?: boolean;
  /** Each asking waits until the test answers it. */
  byHand?: boolean;
}

function browser({ broken = {}, oneCamera = false, byHand = false }: Ways = {}) {
  const made: Track[] = [];
  const asked: Asked[] = [];
  const running = (kind: Kind) => made.filter((one) => one.kind === kind && !one.stopped);
  class Media extends EventTarget {
    listed = 0;
    async enumerateDevices() {
      this.listed += 1;
      return [];
    }
    getUserMedia(wish: Partial<Record<Kind, { deviceId?: { ideal: string } }>>) {
      const kind: Kind = wish.video ? 'video' : 'audio';
      const id = wish[kind]?.deviceId?.ideal ?? 'default';
      return new Promise((resolve, reject) => {
        const refuse = (name: string) => reject(Object.assign(new Error(name), { name }));
        let isAnswered = false;
        const give = () => {
          if (isAnswered) return;
          isAnswered = true;
          const isTaken = oneCamera && kind === 'video' && running('video').length > 0;
          const fault = isTaken ? 'NotReadableError' : broken[id];
          if (fault) return refuse(fault);
          const track = new Track(kind, id);
          made.push(track);
          resolve({ getTracks: () => [track] });
        };
        asked.push({ kind, id, give, refuse });
        if (!byHand) give();
      });
    }
  }
  const media = new Media();
  const devices = createDevices({ wants: ['audio', 'video'], media: media as never });
  return {
    devices,
    media,
    broken,
    asked,
    /** The ids of what runs. */
    lit: (kind: Kind) => running(kind).map(({ id }) => id),
    /** What is used of a kind, its choice, and its fault. */
    seen(kind: Kind) {
      const { tracks, chosen, faults } = devices.get();
      return [(tracks[kind] as unknown as Track | null)?.id ?? null, chosen[kind], faults[kind]];
    },
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

/** Answered by hand, and with the first of a kind open. */
async function openedByHand(kind: Kind, ways: Ways = {}) {
  const there = browser({ ...ways, byHand: true });
  void there.devices.turn(kind, true);
  await settled();
  there.asked[0]?.give();
  await settled();
  return there;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('another camera', () => {
  it('is opened when the one before is let go of, since a phone gives one at a time', async () => {
    const { devices, seen, lit } = browser({ oneCamera: true });
    await devices.open();
    await devices.choose('video', 'back');
    expect([seen('video'), lit('video')]).toEqual([['back', 'back', null], ['back']]);
  });

  it('that is busy is tried again in a moment: what sends a copy of the one before may not have let go of it', async () => {
    vi.useFakeTimers();
    const { devices, broken, asked, seen } = browser({ broken: { back: 'NotReadableError' } });
    await devices.open();
    const done = devices.choose('video', 'back');
    await vi.advanceTimersByTimeAsync(100);
    delete broken.back;
    await vi.advanceTimersByTimeAsync(1_000);
    await done;
    expect(seen('video')).toEqual(['back', 'back', null]);
    expect(asked.map(({ id }) => id)).toEqual(['default', 'default', 'back', 'back']);
  });

  it.each([
    ['NotReadableError', 'busy'],
    ['NotFoundError', 'missing'],
  ])('that fails by %s leaves the one before, and says so', async (name, fault) => {
    vi.useFakeTimers();
    const { devices, seen, lit } = browser({ oneCamera: true, broken: { back: name } });
    await devices.open();
    const done = devices.choose('video', 'back');
    await vi.advanceTimersByTimeAsync(5_000);
    await done;
    expect([seen('video'), lit('video')]).toEqual([['default', 'default', fault], ['default']]);
  });

  it('that failed is what “Try again” tries, and another choice forgets it', async () => {
    const { devices, broken, seen, lit } = browser({ broken: { back: 'NotFoundError' } });
    await devices.open();
    await devices.choose('video', 'back');
    await devices.open();
    expect(seen('video')).toEqual(['default', 'default', 'missing']);
    await devices.choose('video', 'default');
    expect(seen('video')).toEqual(['default', 'default', null]);
    await devices.choose('video', 'back');
    delete broken.back;
    await devices.open();
    expect([seen('video'), lit('video')]).toEqual([['back', 'back', null], ['back']]);
  });

  it('leaves nothing lit when the one before can’t be had again either, and can be had later', async () => {
    const { devices, broken, seen, lit } = browser();
    await devices.open();
    Object.assign(broken, { default: 'NotFoundError', back: 'NotAllowedError' });
    await devices.choose('video', 'back');
    expect([seen('video'), lit('video')]).toEqual([[null, 'default', 'denied'], []]);
    delete broken.back;
    await devices.open();
    expect(seen('video')).toEqual(['back', 'back', null]);
  });
});

describe('another microphone', () => {
  it('takes the place of the one before once it is there', async () => {
    const { devices, asked, lit, seen } = browser({ byHand: true });
    void devices.open();
    await settled();
    asked[0]?.give();
    await settled();
    void devices.choose('audio', 'headset');
    await settled();
    expect(lit('audio')).toEqual(['default']);
    asked.at(-1)?.give();
    await settled();
    expect([seen('audio'), lit('audio')]).toEqual([['headset', 'headset', null], ['headset']]);
  });

  it('that can’t be had leaves the one before, as the choice too, and says why', async () => {
    const { devices, asked, seen, lit } = browser({ broken: { headset: 'NotReadableError' } });
    await devices.open();
    await devices.choose('audio', 'headset');
    expect([seen('audio'), lit('audio')]).toEqual([['default', 'default', 'busy'], ['default']]);
    // It is the same one still: it wasn't asked for again.
    expect(asked.filter(({ kind }) => kind === 'audio').map(({ id }) => id)).toEqual(['default', 'headset']);
    // Switched off and on again, the failed choice is forgotten.
    await devices.turn('audio', false);
    await devices.turn('audio', true);
    await devices.open();
    expect([seen('audio'), asked.length]).toEqual([['default', 'default', null], 3]);
  });

  it('counts when it is chosen while muted: silent until it is switched on', async () => {
    const { devices, seen, lit } = browser();
    await devices.open();
    await devices.turn('audio', false);
    await devices.choose('audio', 'headset');
    expect([devices.get().tracks.audio?.enabled, devices.sendable('audio')]).toEqual([false, null]);
    await devices.turn('audio', true);
    expect([seen('audio'), lit('audio')]).toEqual([['headset', 'headset', null], ['headset']]);
    expect(devices.get().tracks.audio?.enabled).toBe(true);
  });

  it('is silent, too, when one is muted while it is being opened', async () => {
    const { devices, asked, seen } = await openedByHand('audio');
    void devices.choose('audio', 'headset');
    await settled();
    await devices.turn('audio', false);
    asked[1]?.give();
    await settled();
    expect([seen('audio'), devices.get().tracks.audio?.enabled]).toEqual([
      ['headset', 'headset', null],
      false,
    ]);
  });

  it('of a device that was off from the beginning is asked for when it is switched on', async () => {
    const { devices, asked, seen } = browser();
    await devices.turn('audio', false);
    await devices.open();
    await devices.choose('audio', 'headset');
    expect(asked.map(({ kind }) => kind)).toEqual(['video']);
    await devices.turn('audio', true);
    expect(seen('audio')).toEqual(['headset', 'headset', null]);
  });
});

describe('what comes late', () => {
  it.each(['audio', 'video'] as const)('the last %s chosen counts, and nothing else runs', async (kind) => {
    const { devices, asked, seen, lit } = await openedByHand(kind, { oneCamera: true });
    void devices.choose(kind, 'one');
    await settled();
    void devices.choose(kind, 'two');
    await settled();
    // One at a time: a phone would refuse the second one.
    expect(asked).toHaveLength(2);
    for (let answered = 1; answered < 4; answered += 1) {
      await settled();
      // Whichever is asked for last is answered first.
      for (const one of asked.toReversed()) one.give();
    }
    await settled();
    expect([seen(kind), lit(kind)]).toEqual([['two', 'two', null], ['two']]);
  });

  it('the last choice counts when the first one comes to be refused', async () => {
    const { devices, asked, seen, lit } = await openedByHand('audio');
    void devices.choose('audio', 'one');
    await settled();
    void devices.choose('audio', 'two');
    asked[1]?.refuse('NotFoundError');
    await settled();
    asked[2]?.give();
    await settled();
    expect([seen('audio'), lit('audio')]).toEqual([['two', 'two', null], ['two']]);
  });

  it.each(['audio', 'video'] as const)('a %s that was switched off or let go of is stopped', async (kind) => {
    for (const end of ['turn', 'close'] as const) {
      const { devices, asked, seen, lit } = browser({ byHand: true });
      void devices.turn(kind, true);
      await settled();
      if (end === 'turn') await devices.turn(kind, false);
      else devices.close();
      expect(asked).toHaveLength(1);
      asked[0]?.give();
      await settled();
      expect([seen(kind), lit(kind)]).toEqual([[null, null, null], []]);
    }
  });

  it('nothing is opened again when it was closed while a camera was changed', async () => {
    const { devices, asked, lit } = await openedByHand('video');
    void devices.choose('video', 'back');
    await settled();
    devices.close();
    asked[1]?.refuse('NotFoundError');
    await settled();
    expect([asked.length, lit('video')]).toEqual([2, []]);
  });

  it('a busy camera isn’t tried again when it was closed meanwhile', async () => {
    vi.useFakeTimers();
    const { devices, asked } = browser({ broken: { default: 'NotReadableError' } });
    void devices.turn('video', true);
    await vi.advanceTimersByTimeAsync(100);
    devices.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toHaveLength(1);
  });

  it('a fault isn’t told of a camera that was switched off meanwhile', async () => {
    const { devices, asked, seen, lit } = await openedByHand('video');
    void devices.choose('video', 'back');
    await settled();
    asked[1]?.refuse('NotFoundError');
    await settled();
    await devices.turn('video', false);
    asked[2]?.refuse('NotFoundError');
    await settled();
    expect([seen('video'), lit('video')]).toEqual([[null, 'default', null], []]);
  });

  it('being asked doesn’t end by itself after closing', async () => {
    const { devices, asked } = browser({ byHand: true });
    const opened = devices.open();
    await settled();
    devices.close();
    asked[0]?.give();
    await opened;
    expect([devices.get().phase, asked.length]).toEqual(['idle', 1]);
  });
});

it('lets go of a camera that is switched off, keeps a muted microphone, and asks for neither twice', async () => {
  const { devices, asked, lit } = browser();
  await devices.open();
  await devices.open();
  await devices.choose('video', 'default');
  for (const kind of ['audio', 'video'] as const) await devices.turn(kind, false);
  expect([asked.length, lit('audio'), lit('video')]).toEqual([2, ['default'], []]);
  expect(devices.get().tracks.audio?.enabled).toBe(false);
  for (const kind of ['audio', 'video'] as const) await devices.turn(kind, true);
  expect([asked.length, lit('audio'), lit('video')]).toEqual([3, ['default'], ['default']]);
  devices.close();
  expect([lit('audio'), lit('video')]).toEqual([[], []]);
});

it('hears of new devices while it is open, and again after it was closed', async () => {
  const { devices, media } = browser();
  const heard = () => {
    const before = media.listed;
    media.dispatchEvent(new Event('devicechange'));
    return media.listed - before;
  };
  await devices.open();
  expect(heard()).toBe(1);
  devices.close();
  expect(heard()).toBe(0);
  await devices.open();
  await devices.open();
  expect(heard()).toBe(1);
});

it('says that a device is gone, and lets it be had again', async () => {
  const { devices, seen } = browser();
  await devices.open();
  devices.get().tracks.audio?.dispatchEvent(new Event('ended'));
  expect(seen('audio')).toEqual([null, 'default', 'missing']);
  await devices.open();
  expect(seen('audio')).toEqual(['default', 'default', null]);
});
