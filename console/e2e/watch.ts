import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';

/** What went wrong behind a test's back. */
interface Watched {
  /** Errors of the console and of scripts. */
  errors: string[];
  /** Breaches of the content security policy. */
  breaches: string[];
  /** Requests to anywhere but the server. */
  strangers: string[];
  /** Answers that are no success, `400 /api/v1/events`. */
  failures: string[];
  /** Lets a test go on to provoke an answer that is no success. */
  allowFailures: (pattern: RegExp) => void;
}

declare global {
  interface Window {
    sekishoBreaches?: string[];
  }
}

/** A test whose pages may have no error, no breach of the policy and no request that leaves the origin. */
export const test = base.extend<{ watched: Watched }>({
  watched: [
    async ({ context, baseURL }, use) => {
      const allowed: RegExp[] = [];
      const watched: Watched = {
        errors: [],
        breaches: [],
        strangers: [],
        failures: [],
        allowFailures: (pattern) => void allowed.push(pattern),
      };
      await watch(context, new URL(baseURL ?? '').origin, watched);
      await use(watched);
      for (const page of context.pages()) watched.breaches.push(...(await breachesOf(page)));
      const failures = watched.failures.filter(
        (failure) => !allowed.some((pattern) => pattern.test(failure)),
      );
      // The console repeats every answer that is no success; those that are allowed are counted above.
      const errors = watched.errors.filter(
        (error) => allowed.length === 0 || !error.startsWith('Failed to load resource'),
      );
      expect(watched.strangers, 'requests that leave the origin').toEqual([]);
      expect(watched.breaches, 'breaches of the content security policy').toEqual([]);
      expect(failures, 'answers that are no success').toEqual([]);
      expect(errors, 'errors of the console').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

async function watch(context: BrowserContext, origin: string, watched: Watched): Promise<void> {
  await context.addInitScript(() => {
    window.sekishoBreaches = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.sekishoBreaches?.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith('data:') && !url.startsWith('blob:') && new URL(url).origin !== origin) {
      watched.strangers.push(url);
    }
  });
  context.on('response', (response) => {
    if (response.status() >= 400) {
      watched.failures.push(`${response.status()} ${new URL(response.url()).pathname}`);
    }
  });
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') watched.errors.push(message.text());
  });
  context.on('weberror', (error) => watched.errors.push(error.error().message));
}

async function breachesOf(page: Page): Promise<string[]> {
  if (page.isClosed() || page.url() === 'about:blank') return [];
  return page.evaluate(() => window.sekishoBreaches ?? []);
}
