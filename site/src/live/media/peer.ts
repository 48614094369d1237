/**
 * Two people peer to peer over WebRTC, with our socket as signalling: perfect negotiation (one of the two gives way when both
 * offer at once), and a new connection whenever the other page is a new one, which its description tells by the session id
 * in its `o=` line. What is said over the socket is lost when the other isn't there: so an offer without an answer is said
 * again, and a connection that doesn't come about is begun anew.
 */

import type { Signal } from 'realtime/contract';
import { createEmitter, type Kind, kinds, type Link, type Media, type Remote } from './media.ts';
import { type Counted, countedIn, qualityOf } from './quality.ts';

export interface PeerOptions {
  /** Whoever gives way when both offer at once. One of the two, and not the other. */
  polite: boolean;
  /** What is carried: voice alone has no picture. */
  carries: readonly Kind[];
  iceServers: RTCIceServer[];
  /** The other one's, for whoever shows it. */
  remoteId: string;
  send(signal: Signal): void;
  now?: () => number;
}

export interface PeerMedia extends Media {
  /** What the other one's page has said. */
  receive(signal: Signal): void;
  /** Servers with new credentials, before the old ones end. */
  renew(iceServers: RTCIceServer[]): Promise<void>;
}

const tickMs = 1_000;
/** An offer without an answer is said again after this. */
const offerAgainMs = 3_000;
/** Without a connection for so long, it is begun anew; the one who gives way waits longer, so that they don't both begin. */
const anewAfterMs = { impolite: 9_000, polite: 14_000 };
/** A connection may come back by itself. */
const restartAfterMs = 4_000;
const qualityEvery = 2;

/** `o=- 4611731400430051336 2 IN IP4 127.0.0.1`: the first number is the connection's own, the second counts its offers. */
export function originOf(sdp: string): { session: string; version: string } {
  const [, session = '', version = ''] = /^o=\S+ (\S+) (\S+)/m.exec(sdp) ?? [];
  return { session, version };
}

const fragmentOf = (candidate: RTCIceCandidateInit): string | undefined =>
  candidate.usernameFragment ?? / ufrag (\S+)/.exec(candidate.candidate ?? '')?.[1];

const isKindState = (value: unknown): value is Record<Kind, boolean> =>
  typeof value === 'object' &&
  value !== null &&
  kinds.every((kind) => typeof (value as never)[kind] === 'boolean');

export function createPeerMedia({
  polite,
  carries,
  iceServers: given,
  remoteId,
  send,
  now = Date.now,
}: PeerOptions): PeerMedia {
  const { emit, subscribe } = createEmitter();
  const published: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  let iceServers = given;
  let peer: RTCPeerConnection | undefined;
  let channel: RTCDataChannel | undefined;
  /** The other page's connection that ours speaks with. */
  let remoteSession: string | undefined;
  /** An answer is being made: what would need an offer waits. */
  let answering = false;
  let offeredAt = 0;
  let changedAt = 0;
  let early: (RTCIceCandidateInit | null)[] = [];
  let remote: Remote = { id: remoteId, audio: null, video: null };
  let theirs: Record<Kind, boolean> = { audio: true, video: true };
  let counted: Counted | undefined;
  let ticks = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  let link: Link = 'connecting';
  /** One thing after another: descriptions and candidates in the order in which they came. */
  let work: Promise<void> = Promise.resolve();

  const inTurn = (task: () => Promise<void>): Promise<void> => {
    work = work.then(task).catch(() => {
      // A connection that can't be is begun anew by the clock.
    });
    return work;
  };

  function tellLink(next: Link): void {
    if (next === link) return;
    link = next;
    emit({ type: 'link', link });
  }

  function tellRemote(): void {
    const seen = (kind: Kind) => (theirs[kind] ? remote[kind] : null);
    emit({ type: 'remotes', remotes: [{ id: remoteId, audio: seen('audio'), video: seen('video') }] });
  }

  function tellState(): void {
    if (channel?.readyState !== 'open') return;
    channel.send(JSON.stringify({ audio: published.audio !== null, video: published.video !== null }));
  }

  /** A new connection in place of the one before; `offer` begins it, otherwise it waits for one. */
  function build(offer: boolean): RTCPeerConnection {
    peer?.close();
    early = [];
    remoteSession = undefined;
    answering = !offer;
    counted = undefined;
    changedAt = now();
    remote = { id: remoteId, audio: null, video: null };
    theirs = { audio: true, video: true };
    const fresh = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    peer = fresh;
    // Agreed on beforehand, so that it needs no word of its own: tells what one sends just now.
    const states = fresh.createDataChannel('state', { negotiated: true, id: 1 });
    channel = states;
    states.addEventListener('open', tellState);
    states.addEventListener('message', ({ data }) => {
      let told: unknown;
      try {
        told = JSON.parse(String(data));
      } catch {
        return;
      }
      if (peer !== fresh || !isKindState(told)) return;
      theirs = told;
      tellRemote();
    });
    fresh.addEventListener('icecandidate', ({ candidate }) => {
      if (peer !== fresh) return;
      const { candidate: line, sdpMid, sdpMLineIndex, usernameFragment } = candidate ?? {};
      if (!candidate || !line) return;
      send({
        kind: 'candidate',
        candidate: {
          candidate: line,
          sdpMid: sdpMid ?? null,
          sdpMLineIndex: sdpMLineIndex ?? null,
          usernameFragment,
        },
      });
    });
    fresh.addEventListener('track', ({ receiver: { track } }) => {
      if (peer !== fresh) return;
      remote = { ...remote, [track.kind]: track };
      tellRemote();
    });
    fresh.addEventListener('connectionstatechange', () => {
      if (peer !== fresh) return;
      changedAt = now();
      const states = {
        connected: 'connected',
        disconnected: 'interrupted',
        failed: 'failed',
        connecting: 'connecting',
        new: 'connecting',
        closed: 'connecting',
      } as const;
      // What was connected before is interrupted while it tries again.
      const next = states[fresh.connectionState];
      tellLink(next === 'connecting' && link !== 'connecting' ? 'interrupted' : next);
    });
    fresh.addEventListener('negotiationneeded', () => {
      if (peer === fresh && !answering) void inTurn(() => makeOffer(fresh));
    });
    if (offer)
      for (const kind of carries) fresh.addTransceiver(published[kind] ?? kind, { direction: 'sendrecv' });
    return fresh;
  }

  async function makeOffer(of: RTCPeerConnection): Promise<void> {
    if (peer !== of || of.signalingState !== 'stable') return;
    await of.setLocalDescription();
    if (peer === of) sayDescription(of);
  }

  function sayDescription(of: RTCPeerConnection): void {
    const description = of.localDescription;
    if (!description) return;
    offeredAt = now();
    send({ kind: 'description', description: { type: description.type, sdp: description.sdp } });
  }

  async function described({ type, sdp }: RTCSessionDescriptionInit & { sdp: string }): Promise<void> {
    const { session, version } = originOf(sdp);
    let current = peer ?? build(false);
    const isOther = remoteSession !== undefined && remoteSession !== session;

    if (type === 'answer') {
      if (current.signalingState !== 'have-local-offer') return;
      // A page that is new there answers what was meant for the one before.
      if (isOther) {
        build(true);
        return;
      }
      await current.setRemoteDescription({ type, sdp });
    } else if (type === 'offer') {
      if (isOther) current = build(false);
      const kept = current.remoteDescription;
      if (kept && current.signalingState === 'stable') {
        const known = originOf(kept.sdp);
        if (kept.type === 'offer' && known.session === session && known.version === version) {
          // Said again: our answer was lost.
          sayDescription(current);
          return;
        }
      }
      if (current.signalingState !== 'stable') {
        if (!polite) {
          // Ours stands, and may not have been heard.
          sayDescription(current);
          return;
        }
        if (!current.remoteDescription) current = build(false);
      }
      answering = true;
      try {
        await current.setRemoteDescription({ type, sdp });
        for (const transceiver of current.getTransceivers()) {
          const kind = transceiver.receiver.track.kind as Kind;
          transceiver.direction = 'sendrecv';
          await transceiver.sender.replaceTrack(published[kind]);
        }
        await current.setLocalDescription();
        if (peer !== current) return;
        sayDescription(current);
      } finally {
        answering = false;
      }
    } else return;

    remoteSession = session;
    changedAt = now();
    const waiting = early;
    early = [];
    for (const candidate of waiting) await addCandidate(current, candidate);
  }

  async function addCandidate(to: RTCPeerConnection, candidate: RTCIceCandidateInit | null): Promise<void> {
    if (!candidate) return;
    const fragment = fragmentOf(candidate);
    // Of a connection that there is no more.
    if (fragment && !to.remoteDescription?.sdp.includes(`a=ice-ufrag:${fragment}`)) return;
    await to.addIceCandidate(candidate).catch(() => {});
  }

  function tick(): void {
    const current = peer;
    if (!current) return;
    ticks += 1;
    const at = now();
    if (current.signalingState === 'have-local-offer' && at - offeredAt >= offerAgainMs)
      sayDescription(current);
    const { connectionState } = current;
    if (connectionState === 'connected') {
      if (ticks % qualityEvery === 0) void judge(current);
      return;
    }
    const sinceMs = at - changedAt;
    const isKnown = remoteSession !== undefined;
    if (isKnown && sinceMs >= (polite ? anewAfterMs.polite : anewAfterMs.impolite)) build(true);
    else if (
      (connectionState === 'failed' || connectionState === 'disconnected') &&
      sinceMs >= restartAfterMs &&
      sinceMs < restartAfterMs + tickMs &&
      current.signalingState === 'stable'
    )
      current.restartIce();
  }

  async function judge(current: RTCPeerConnection): Promise<void> {
    const report = (await current.getStats()) as unknown as Map<string, Record<string, unknown>>;
    if (peer !== current) return;
    const next = countedIn(report);
    const quality = counted && qualityOf(counted, next);
    counted = next;
    if (quality) emit({ type: 'quality', quality });
  }

  return {
    async join() {
      if (peer) return;
      timer = setInterval(tick, tickMs);
      build(true);
    },

    async publish(kind, track) {
      if (!carries.includes(kind)) return;
      published[kind] = track;
      const sender = peer
        ?.getTransceivers()
        .find(
          ({ receiver, currentDirection }) => receiver.track.kind === kind && currentDirection !== 'stopped',
        )?.sender;
      await sender?.replaceTrack(track);
      tellState();
    },

    subscribe,

    receive(signal) {
      // Before joining nothing is answered: the other one says it again.
      if (!timer) return;
      void inTurn(async () => {
        if (!timer) return;
        if (signal.kind === 'description') return described(signal.description);
        const current = peer;
        if (!current?.remoteDescription) early.push(signal.candidate);
        else await addCandidate(current, signal.candidate);
      });
    },

    async renew(servers) {
      iceServers = servers;
      const current = peer;
      if (!current) return;
      current.setConfiguration({ iceServers, bundlePolicy: 'max-bundle' });
      // Who goes by way of a server has let it in with the old credentials.
      if (current.signalingState === 'stable' && (await isRelayed(current))) current.restartIce();
    },

    async leave() {
      clearInterval(timer);
      timer = undefined;
      peer?.close();
      peer = undefined;
      channel = undefined;
      remote = { id: remoteId, audio: null, video: null };
      emit({ type: 'remotes', remotes: [] });
    },
  };
}

/** Whether it goes by way of a TURN server. */
async function isRelayed(peer: RTCPeerConnection): Promise<boolean> {
  const report = (await peer.getStats()) as unknown as Map<string, Record<string, unknown>>;
  for (const [, pair] of report) {
    if (pair.type !== 'candidate-pair' || !pair.nominated) continue;
    const local = report.get(String(pair.localCandidateId));
    if (local?.candidateType === 'relay') return true;
  }
  return false;
}
