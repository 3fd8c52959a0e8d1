import type { Text } from '../i18n/texts';
import type { Problem } from './types';

/** Values of a query; a list becomes a repeated parameter, empty values are left out. */
export type Params = Record<string, string | number | boolean | readonly string[] | undefined | null>;

/** The server answered with a problem, or could not be reached. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail.en);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** Returns the address of an endpoint under /api/v1. */
export function apiUrl(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === null || value === '') continue;
    if (typeof value === 'object') for (const item of value) query.append(name, item);
    else query.append(name, String(value));
  }
  const asked = query.toString();
  return `/api/v1${path}${asked === '' ? '' : `?${asked}`}`;
}

/** Returns an endpoint's answer; throws `ApiError` with a text for people where there is none. */
export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const url = apiUrl(path, params);
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null, headers: { accept: 'application/json' } });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(unreachable());
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  throw new ApiError(isProblem(body) ? body : unreadable(response.status));
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { detail, code } = body as Partial<Problem>;
  return typeof code === 'string' && typeof detail === 'object';
}

function unreachable(): Problem {
  return problem(
    0,
    { en: 'the server does not answer', ja: 'サーバーが応答しません。' },
    {
      en: 'see whether `sekisho serve` is still running, then try again',
      ja: '`sekisho serve` が動いているか確かめてから、再試行してください。',
    },
  );
}

function unreadable(status: number): Problem {
  return problem(
    status,
    {
      en: `the server answered ${status} without saying why`,
      ja: `サーバーが理由なしに ${status} を返しました。`,
    },
    null,
  );
}

function problem(status: number, detail: Text, hint: Text | null): Problem {
  return { type: 'about:blank', title: detail, status, detail, code: 'internal', hint };
}
