import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type TestServer } from './support/server.ts';

const SESSION_ROUTES = [
  'delete /api/readers/{reader_id}/queue',
  'get /api/admin/sessions',
  'get /api/queue',
  'get /api/readers/me/presence',
  'get /api/readers/presence',
  'get /api/sessions',
  'get /api/sessions/{id}',
  'get /api/sessions/{id}/messages',
  'get /api/sessions/{id}/note',
  'get /service/sessions/{id}/review-right',
  'post /api/admin/sessions/{id}/end',
  'post /api/admin/sessions/{id}/give-back',
  'post /api/sessions',
  'post /api/sessions/{id}/accept',
  'post /api/sessions/{id}/cancel',
  'post /api/sessions/{id}/decline',
  'post /api/sessions/{id}/end',
  'post /api/sessions/{id}/heartbeat',
  'post /api/sessions/{id}/join',
  'post /api/sessions/{id}/leave',
  'post /api/sessions/{id}/maximum',
  'post /api/sessions/{id}/messages',
  'post /api/sessions/{id}/reconnect',
  'post /api/sessions/{id}/rtc-token',
  'put /api/readers/me/presence',
  'put /api/readers/{reader_id}/queue',
  'put /api/sessions/{id}/note',
];

const MONEY_ROUTES = [
  'get /service/holds',
  'get /service/holds/{hold_id}',
  'get /service/payments/{payment_id}',
  'get /service/wallets/{person_id}',
  'post /service/payments/compare',
  'post /service/wallets/low',
  'put /service/disputes/{dispute_id}',
  'put /service/disputes/{dispute_id}/close',
  'put /service/holds/{hold_id}',
  'put /service/holds/{hold_id}/post',
  'put /service/holds/{hold_id}/refunds/{key}',
  'put /service/holds/{hold_id}/release',
  'put /service/payments/{payment_id}',
  'put /service/refunds/{key}',
  'put /service/refunds/{key}/fail',
  'put /service/refunds/{key}/post',
  'put /service/refunds/{key}/release',
];

interface Operation {
  security?: unknown[];
  summary?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required: boolean; schema: { type: string } }[];
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, unknown>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

let server: TestServer;
let document: Document;

beforeAll(async () => {
  server = await createServer();
  document = (await server.app.inject('/openapi.json')).json();
});
afterAll(() => server.close());

describe('/openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const result = await new Validator().validate(document as never);
    expect(result).toMatchObject({ valid: true });
  });

  it('describes every route that programs call, and who may call it: anybody (`security: []`), people or programs', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    );
    const routes = [
      ...SESSION_ROUTES,
      ...MONEY_ROUTES,
      'get /.well-known/receipt-keys.json',
      'get /api/admin/audit',
      'get /api/me',
      'get /api/sessions/{id}/receipt',
      'get /api/time',
      'get /api/wallet',
      'get /api/wallet/entries',
      'get /api/wallet/limits',
      'put /api/wallet/limits',
      'get /api/earnings',
      'get /health',
      'get /ready',
      'get /socket',
      'post /api/reports',
      'post /api/socket-tickets',
      'put /service/audit/{event_id}',
      'put /service/directory/people/{person_id}',
      'put /service/directory/readers/{reader_id}',
      'put /service/favourites/{person_id}/{reader_id}',
      'put /service/mails/{key}',
      'put /service/sign-outs/{id}',
    ];
    expect(operations.map(([name]) => name).sort()).toEqual(routes.sort());
    const open = [
      'get /.well-known/receipt-keys.json',
      'get /api/readers/presence',
      'get /api/time',
      'get /health',
      'get /ready',
      'get /socket',
      'post /api/reports',
    ];
    for (const [name, operation] of operations) {
      const wanted = open.includes(name)
        ? []
        : [name.includes(' /service/') ? { program: [] } : { person: [] }];
      expect(operation.security, name).toEqual(wanted);
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags, name).toHaveLength(1);
    }
  });

  it('says what each takes and answers', () => {
    expect(document.paths['/api/time']?.get?.parameters).toMatchObject([
      { name: 'client_time_ms', in: 'query', required: true, schema: { type: 'integer' } },
    ]);
    const reports = document.paths['/api/reports']?.post;
    expect(Object.keys(reports?.requestBody?.content ?? {}).sort()).toEqual([
      'application/csp-report',
      'application/json',
      'application/reports+json',
    ]);
    expect(Object.keys(reports?.responses ?? {}).sort()).toEqual(['204', '400', '413', '415', '429']);
    for (const name of ['Problem', 'Time', 'Readiness', 'BrowserReport'])
      expect(document.components.schemas).toHaveProperty(name);
  });
});

describe('/docs', () => {
  it('is a page that loads from us alone', async () => {
    const moved = await server.app.inject('/docs');
    expect([moved.statusCode, moved.headers.location]).toEqual([301, '/docs/']);
    const page = await server.app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toMatch(/script-src 'self' 'sha256-[^']+';/);
    for (const [, source] of page.body.matchAll(/(?:src|href)="([^"]+)"/g))
      expect(source).not.toMatch(/^(https?:)?\/\//);
    const [, script] = /<script[^>]*src="([^"]+)"/.exec(page.body) ?? [];
    const javascript = await server.app.inject(new URL(script ?? '', 'http://localhost/docs/').pathname);
    expect([javascript.statusCode, javascript.headers['content-type']]).toEqual([
      200,
      'application/javascript; charset=utf-8',
    ]);
  });
});
