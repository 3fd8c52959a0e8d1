import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';
import { type Answer, routes } from './routes';

/** The policy that the server sends with the console; `vite preview` sends it too, so that a breach shows early. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the invented answers of `mock/` under /api/v1, for development only: nothing of it is bundled. */
export function mockApi(): Plugin {
  return {
    name: 'sekisho-mock-api',
    configureServer: (server) => void server.middlewares.use('/api/v1', answer),
    configurePreviewServer: (server) => {
      server.middlewares.use((_request, response, next) => {
        response.setHeader('content-security-policy', POLICY);
        next();
      });
      server.middlewares.use('/api/v1', answer);
    },
  };
}

const answer: Connect.NextHandleFunction = (request: IncomingMessage, response: ServerResponse) => {
  const url = new URL(request.url ?? '/', 'http://mock.invalid');
  const path = decodeURIComponent(url.pathname).replace(/\/$/, '');
  for (const [pattern, make] of routes) {
    const match = pattern.exec(path);
    if (match) return send(response, make(url.searchParams, match.slice(1).map(String)));
  }
  return send(response, {
    status: 404,
    body: {
      type: 'about:blank',
      title: { en: 'not found', ja: '見つかりません。' },
      status: 404,
      detail: { en: `${path} does not exist`, ja: `${path} が見つかりません。` },
      code: 'not_found',
      hint: null,
    },
  });
};

function send(response: ServerResponse, answered: Answer): void {
  response.statusCode = answered.status ?? 200;
  const isProblem = response.statusCode >= 400;
  response.setHeader('content-type', isProblem ? 'application/problem+json' : 'application/json');
  response.end(JSON.stringify(answered.body));
}
