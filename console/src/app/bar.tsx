import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { statusQuery } from '../api/queries';
import { useLang, useTexts } from '../i18n/lang';
import { Button } from '../parts/button';
import { Mark } from '../parts/mark';
import { useZone } from '../time/context';
import { zoneLabel } from '../time/format';
import { nextZone } from '../time/zone';
import { PAGES } from './pages';
import { useChangeRoot } from './shell';
import { shellTexts } from './texts';
import { setTheme, THEMES, useTheme } from './theme';

/** The bar above every page: name, pages, and how things are shown. */
export function Bar({ onHelp, onPalette }: { onHelp: () => void; onPalette: () => void }) {
  const t = useTexts(shellTexts);
  const { data: status } = useQuery(statusQuery);
  return (
    <header className="bar">
      <Link to="/" className="bar-name">
        <Mark /> Sekisho
      </Link>
      <nav className="bar-pages" aria-label={t('pages')}>
        {PAGES.map((page) => (
          <Link key={page.to} to={page.to} className="bar-page" activeOptions={{ exact: page.to === '/' }}>
            {t(page.text)}
          </Link>
        ))}
      </nav>
      <div className="bar-end">
        {status?.is_demo === true && <span className="bar-sample">{t('sample')}</span>}
        <Button kind="plain" onClick={onPalette}>
          {t('palette')}
        </Button>
        <ZoneButton />
        <LangButton />
        <ThemeButton />
        <Button kind="plain" onClick={onHelp} aria-label={t('help')}>
          ?
        </Button>
      </div>
    </header>
  );
}

function ZoneButton() {
  const t = useTexts(shellTexts);
  const { zone = 'utc' } = useSearch({ from: '__root__' });
  const shown = useZone();
  const changeRoot = useChangeRoot();
  const label = shown.choice === 'log' ? shown.id : zoneLabel(shown, 0);
  return (
    <Button
      kind="plain"
      onClick={() => changeRoot({ zone: nextZone(zone) })}
      aria-label={t('zone', { zone: label })}
    >
      {label}
    </Button>
  );
}

function LangButton() {
  const lang = useLang();
  const changeRoot = useChangeRoot();
  const other = lang === 'en' ? 'ja' : 'en';
  return (
    <Button kind="plain" lang={other} onClick={() => changeRoot({ lang: other })}>
      {other === 'ja' ? '日本語' : 'English'}
    </Button>
  );
}

function ThemeButton() {
  const t = useTexts(shellTexts);
  const theme = useTheme();
  const names = { system: t('themeSystem'), light: t('themeLight'), dark: t('themeDark') };
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <Button kind="plain" onClick={() => setTheme(next)} aria-label={`${t('theme')}: ${names[theme]}`}>
      {names[theme]}
    </Button>
  );
}
