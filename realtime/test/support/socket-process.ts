/** One node's sockets as a process of its own: says its port, and its memory whenever it is asked by SIGUSR2. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import { startSweeper } from '../../src/sweeper.ts';
import { createNode } from './socket-node.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const { DATABASE_URL: databaseUrl = '', REDIS_URL: redisUrl = '' } = process.env;
const node = await createNode({ databaseUrl, clock: systemClock, ...(redisUrl ? { redisUrl } : {}) });
const sweeper = startSweeper({
  name: 'sockets',
  everyMs: 2_000,
  work: node.hub.sweep,
  log: createLog('silent'),
});
process.on('SIGUSR2', () => {
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  console.log(`memory ${heapUsed + external} ${rss}`);
});
process.on('SIGTERM', async () => {
  await sweeper.stop();
  await node.close();
  process.exit(0);
});
console.log(`port ${node.port} `);
