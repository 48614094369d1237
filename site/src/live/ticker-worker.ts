// A timer that isn't slowed down: browsers wake a page in the background once a minute, which is too seldom to say “I am here”.
let timer: ReturnType<typeof setInterval> | undefined;
addEventListener('message', ({ data }: MessageEvent<number>) => {
  clearInterval(timer);
  timer = setInterval(() => postMessage(null), data);
});
