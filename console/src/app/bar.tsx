import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { statusQuery } from '../api/queries';
import { useLang, useTexts } from '../i18n/lang';
import { Button } from '../parts/button';
import { Keys } from '../parts/keys';
import { Mark } from '../parts/mark';
import { Menu } from '../parts/menu';
import { PAGES } from './pages';
import { useChangeRoot } from './root';
import { shellTexts } from './texts';
import { setTheme, THEMES, useTheme } from './theme';
import { ZoneMenu } from './zone-menu';

/** The bar above every page: name, pages, and how things are shown. */
export function Bar({ onHelp, onPalette }: { onHelp: () => void; onPalette: () => void }) {
  const t = useTexts(shellTexts);
  const { data: status } = useQuery(statusQuery);
  return (
    <header className="bar">
      <Link to="/" className="bar-name" activeOptions={{ exact: true }}>
        <Mark /> Sekisho <span className="bar-kanji">関所</span>
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
          {t('palette')} <Keys keys="ctrl+k" />
        </Button>
        <ZoneMenu />
        <LangButton />
        <ThemeMenu />
        <Button kind="plain" onClick={onHelp}>
          {t('help')} <Keys keys="?" />
        </Button>
      </div>
    </header>
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

function ThemeMenu() {
  const t = useTexts(shellTexts);
  const theme = useTheme();
  const names = { system: t('themeSystem'), light: t('themeLight'), dark: t('themeDark') };
  return (
    <Menu
      button={t('theme')}
      name={`${t('theme')}: ${names[theme]}`}
      items={THEMES.map((each) => ({
        id: each,
        name: names[each],
        isCurrent: each === theme,
        onPick: () => setTheme(each),
      }))}
    />
  );
}
