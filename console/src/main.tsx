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
