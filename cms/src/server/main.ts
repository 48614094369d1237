/**
 * Starts the built CMS. It lies beside Next's own `server.js` and needs nothing but Node.
 * The environment is checked as the first thing inside (instrumentation.ts).
 */
import { format, stripVTControlCharacters } from 'node:util';

const env = process.env as Record<string, string | undefined>;
env.NODE_ENV = 'production';
env.NEXT_TELEMETRY_DISABLED = '1';
env.NEXT_MANUAL_SIG_HANDLE = 'true'; // stop.ts does it
env.HOSTNAME = env.HOST || '127.0.0.1'; // Next's name for it; a shell's own HOSTNAME would be taken otherwise
env.PORT ||= '4322';

// What Next prints for people becomes lines like all the others.
for (const [method, level] of [
  ['log', 'info'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
] as const) {
  console[method] = (...parts: unknown[]) => {
    const message = stripVTControlCharacters(format(...parts)).trim();
    if (message)
      process.stdout.write(
        `${JSON.stringify({ level, time: new Date().toISOString(), program: 'cms', message })}\n`,
      );
  };
}

const server = './server.js'; // made by Next, so it isn't there when types are checked
await import(server);
