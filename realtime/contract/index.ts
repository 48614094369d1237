/** All that other programs may import of realtime; signature.ts stands apart, since it is for servers only. */

export * from './audit.ts';
export * from './client.ts';
export * from './directory.ts';
export * from './favourites.ts';
export * from './http.ts';
export * from './mails.ts';
export * from './money.ts';
export * from './receipt.ts';
export * from './session.ts';
export * from './socket.ts';
export * from './wallet.ts';
