// Astro loads its logger by itself, before ours exists and as plain JavaScript: the same JSON lines as `logger.ts`.
const colour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** Astro's own warnings and errors as JSON lines. */
export default function astroLogger() {
  return {
    write(event) {
      if (event.level !== 'warn' && event.level !== 'error') return;
      const message = event.message.replace(colour, '');
      const line = {
        level: event.level,
        time: new Date().toISOString(),
        program: 'site',
        part: event.label ?? 'astro',
        message,
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    },
  };
}
