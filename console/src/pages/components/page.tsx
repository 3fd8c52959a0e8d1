import { useState } from 'react';
import { useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { Dialog } from '../../parts/dialog';
import { Flyout } from '../../parts/flyout';
import { Specimens } from './specimens';
import { componentsTexts } from './texts';
import './components.css';

/** Every component in its states, once in each theme. */
export default function ComponentsPage() {
  const t = useTexts(componentsTexts);
  const [open, setOpen] = useState<'dialog' | 'flyout' | null>(null);
  const close = () => setOpen(null);
  return (
    <div className="components">
      <header className="components-head">
        <h1>{t('title')}</h1>
        <p className="quiet">{t('about')}</p>
        <Button onClick={() => setOpen('dialog')}>{t('dialog')}</Button>
        <Button onClick={() => setOpen('flyout')}>{t('flyout')}</Button>
      </header>
      <div className="components-themes">
        {(['light', 'dark'] as const).map((theme) => (
          <section key={theme} className="components-theme" data-specimen={theme} aria-label={t(theme)}>
            <h2>{t(theme)}</h2>
            <Specimens />
          </section>
        ))}
      </div>
      {open === 'dialog' && (
        <Dialog title={t('dialog')} onClose={close}>
          <p>{t('sentence')}</p>
        </Dialog>
      )}
      {open === 'flyout' && (
        <Flyout title={t('flyout')} onClose={close}>
          <p>{t('sentence')}</p>
        </Flyout>
      )}
    </div>
  );
}
