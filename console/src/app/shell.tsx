import { Outlet, useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { chooseLang, LangProvider, useTexts } from '../i18n/lang';
import { ZoneProvider } from '../time/context';
import { nextZone, zoneOf } from '../time/zone';
import { Bar } from './bar';
import { Help } from './help';
import { useKeys } from './keys';
import { PAGES } from './pages';
import { Palette } from './palette';
import { useChangeRoot } from './root';
import { shellTexts } from './texts';
import './shell.css';

/** The frame of every page: language and zone from the address, the bar, the keys that work everywhere. */
export function Shell() {
  const { lang: asked, zone: choice = 'utc', logzone } = useSearch({ from: '__root__' });
  const lang = chooseLang(asked);
  const zone = useMemo(() => zoneOf(choice, logzone), [choice, logzone]);
  return (
    <LangProvider lang={lang}>
      <ZoneProvider zone={zone}>
        <Frame />
      </ZoneProvider>
    </LangProvider>
  );
}

function Frame() {
  const t = useTexts(shellTexts);
  const [open, setOpen] = useState<'help' | 'palette' | null>(null);
  useShellKeys(setOpen);
  useDocumentTitle();
  const close = () => setOpen(null);
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <Bar onHelp={() => setOpen('help')} onPalette={() => setOpen('palette')} />
      <main id="content" className="content" tabIndex={-1}>
        <Outlet />
      </main>
      {open === 'help' && <Help onClose={close} />}
      {open === 'palette' && <Palette onClose={close} />}
    </>
  );
}

function useShellKeys(setOpen: (open: 'help' | 'palette') => void): void {
  const t = useTexts(shellTexts);
  const navigate = useNavigate();
  const changeRoot = useChangeRoot();
  const { zone = 'utc' } = useSearch({ from: '__root__' });
  useKeys([
    { keys: '/', does: t('search'), run: () => void navigate({ to: '/events' }).then(focusQuery) },
    ...PAGES.map((page) => ({
      keys: `g ${page.key}`,
      does: t('go', { page: t(page.text) }),
      run: () => void navigate({ to: page.to }),
    })),
    { keys: 't', does: t('nextZone'), run: () => changeRoot({ zone: nextZone(zone) }) },
    { keys: 'ctrl+k', does: t('palette'), run: () => setOpen('palette') },
    { keys: '?', does: t('help'), run: () => setOpen('help') },
  ]);
}

function useDocumentTitle(): void {
  const t = useTexts(shellTexts);
  const path = useLocation({ select: (location) => location.pathname });
  useEffect(() => {
    const page = PAGES.find(({ to }) => to === path);
    document.title = page === undefined ? 'Sekisho' : `${t(page.text)} · Sekisho`;
  }, [t, path]);
}

// The query bar is the event search's one combobox; it is there a frame after the page's code has come.
function focusQuery(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('#content [role=combobox]')?.focus());
}
