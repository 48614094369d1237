/** The address of a part of the platform under test, from the environment that `npm test` sets. */
export function addressOf(
  name: 'site' | 'cms' | 'commerce' | 'realtime' | 'identity' | 'payments' | 'storage' | 'mail' | 'media',
): string {
  const variable = `TEST_${name.toUpperCase()}_URL`;
  const address = process.env[variable];
  if (!address) throw new Error(`${variable} is not set: run this through npm test`);
  return address;
}

/** Whether a program says that it is ready. */
export async function isReady(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address}/ready`, { signal: AbortSignal.timeout(3_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
