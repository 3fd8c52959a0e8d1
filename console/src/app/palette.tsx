import { useNavigate } from '@tanstack/react-router';
import { useTexts } from '../i18n/lang';
import { Combobox } from '../parts/combobox';
import { Dialog } from '../parts/dialog';
import { PAGES } from './pages';
import { useChangeRoot } from './root';
import { shellTexts } from './texts';
import { setTheme, THEMES } from './theme';

/** Finds a page or command by typing; other words are searched for in the events. */
export function Palette({ onClose }: { onClose: () => void }) {
  const t = useTexts(shellTexts);
  const commands = useCommands();
  return (
    <Dialog title={t('palette')} onClose={onClose} isTitleHidden>
      <div className="palette">
        <Combobox
          label={t('paletteFind')}
          isLabelHidden
          isAlwaysOpen
          placeholder={t('paletteFind')}
          optionsFor={(typed) => commands(typed)}
          onPick={(command) => {
            onClose();
            command.run();
          }}
        />
      </div>
    </Dialog>
  );
}

interface Command {
  id: string;
  label: string;
  run: () => void;
}

function useCommands(): (typed: string) => Command[] {
  const t = useTexts(shellTexts);
  const navigate = useNavigate();
  const changeRoot = useChangeRoot();
  const themes = { system: t('themeSystem'), light: t('themeLight'), dark: t('themeDark') };
  const fixed: Command[] = [
    ...PAGES.map((page) => ({
      id: page.to,
      label: t('go', { page: t(page.text) }),
      run: () => void navigate({ to: page.to }),
    })),
    {
      id: '/components',
      label: t('go', { page: t('components') }),
      run: () => void navigate({ to: '/components' }),
    },
    { id: 'utc', label: t('zone', { zone: 'UTC' }), run: () => changeRoot({ zone: 'utc' }) },
    { id: 'jst', label: t('zone', { zone: 'JST' }), run: () => changeRoot({ zone: 'jst' }) },
    { id: 'log', label: t('zone', { zone: t('zoneLog') }), run: () => changeRoot({ zone: 'log' }) },
    { id: 'en', label: t('switchTo', { language: 'English' }), run: () => changeRoot({ lang: 'en' }) },
    { id: 'ja', label: t('switchTo', { language: '日本語' }), run: () => changeRoot({ lang: 'ja' }) },
    ...THEMES.map((theme) => ({
      id: theme,
      label: t('switchTheme', { theme: themes[theme] }),
      run: () => setTheme(theme),
    })),
  ];
  return (typed) => {
    const words = typed.trim();
    const found = fixed.filter(({ label }) => label.toLowerCase().includes(words.toLowerCase()));
    if (words === '') return found;
    const search = { id: 'search', label: t('paletteSearch', { words }), run: () => searchFor(words) };
    return [...found, search];
  };

  function searchFor(words: string): void {
    void navigate({ to: '/events', search: { q: words } });
  }
}
