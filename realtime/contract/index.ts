/** All that other programs may import of realtime. */

export * from './client.ts';
export * from './http.ts';
