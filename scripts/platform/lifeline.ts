// Loaded into every Node process that the launcher starts. File descriptor 3 is a pipe that the launcher holds open; when
// it closes, the launcher is gone, however it went (kill -9 included), and this process must not stay behind.
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** As long as Postgres may take for a shutdown in good order. */
const STOP_WITHIN_MS = 60_000;

// A process forked by a service inherits its flags, but not the pipe.
if (isMainThread && process.env.SOULSEER_LAUNCHER_PID === String(process.ppid)) {
  const launcher = new Socket({ fd: 3, readable: true, writable: false });
  launcher.on('error', () => launcher.destroy());
  launcher.on('close', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_WITHIN_MS).unref();
  });
  launcher.resume();
  launcher.unref();
}
