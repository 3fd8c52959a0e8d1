import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client';
import { router } from './app/router';
import './style/fonts';
import './style/tokens.css';
import './style/base.css';
import './style/rows.css';
import './style/print.css';

const RELOADED_KEY = 'sekisho.reloaded';
const RELOAD_GAP_MS = 60_000;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The store changes only when someone loads files; an analyst must not see figures move by themselves.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 1 && error instanceof ApiError && error.problem.status === 0,
    },
  },
});

// After an upgrade of the server the files that this page names are gone; loading it anew finds the new ones.
// Once only, so that a server that lost its files does not make the page load for ever.
window.addEventListener('vite:preloadError', () => {
  const last = Number(sessionStorage.getItem(RELOADED_KEY));
  if (Date.now() - last < RELOAD_GAP_MS) return;
  sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
  location.reload();
});

const place = document.getElementById('console');
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

// The Japanese faces' style sheet is large and only names files; it may come after the first paint.
void import('./style/fonts-ja');
