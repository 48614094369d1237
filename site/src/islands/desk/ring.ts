/** Two soft bells, again and again until it is stopped. Where a browser wants a press before any sound, it stays silent. */
export function ring(): () => void {
  const context = new AudioContext();
  const bell = (at: number, hertz: number) => {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 1.4);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + 1.5);
  };
  const chime = () => {
    if (context.state !== 'running') return;
    bell(context.currentTime, 659.3);
    bell(context.currentTime + 0.28, 880);
  };
  const timer = setInterval(chime, 3_000);
  void context.resume().then(chime, () => {});
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
