/**
 * The thread that listens. It has Node's HTTP to itself: what it gives is as quick as if nothing else ran here, however
 * busy the other one is with writing pages.
 */
import type { AddressInfo } from 'node:net';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import sirv from 'sirv';
import { createLogger, toStdout } from '../server/logger.ts';
import { createKept } from './kept.ts';
import type { FrontOptions, ToFront } from './messages.ts';
import { createPassing, type Post } from './passing.ts';
import { createHttpServer, stopServer } from './server.ts';

const { environment, files, turns } = workerData as FrontOptions;
const pages = parentPort as MessagePort;
const post: Post = (message, moved = []) => pages.postMessage(message, moved);

const lines = toStdout(turns);
const log = createLogger(environment.LOG_LEVEL, lines);
const passing = createPassing(post, log);
const kept = { adults: createKept(), others: createKept() };
const keptFor = (adult: boolean) => (adult ? kept.adults : kept.others);

const server = createHttpServer({
  environment,
  log,
  lines,
  passing,
  kept,
  files: sirv(files, {
    brotli: true,
    gzip: true,
    setHeaders(response, path) {
      // The name of what lies under /_astro holds a hash of its content.
      response.setHeader(
        'Cache-Control',
        path.startsWith('/_astro/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
      );
    },
  }),
});

pages.on('message', (message: ToFront) => {
  switch (message.say) {
    case 'keep':
      return keptFor(message.page.adult).keep(message.page);
    case 'drop':
      return keptFor(message.adult).drop(message.url);
    case 'forget':
      kept.adults.forget();
      return kept.others.forget();
    case 'stop':
      return void stop(message.patience_ms);
    default:
      return passing.hear(message);
  }
});

async function stop(patienceMs: number): Promise<void> {
  await stopServer(server, patienceMs);
  lines.flush();
  post({ say: 'stopped' });
}

server.once('error', (error) => post({ say: 'refused', error: error.message }));
server.listen(environment.PORT, environment.HOST, () =>
  post({ say: 'listens', address: environment.HOST, port: (server.address() as AddressInfo).port }),
);
