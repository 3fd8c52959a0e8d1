import { useState } from 'react';
import { useTexts } from '../i18n/lang';
import { Dialog } from '../parts/dialog';
import { Keys } from '../parts/keys';
import { areLettersOn, currentKeys, setLettersOn } from './keys';
import { shellTexts } from './texts';

/** Shows the keys that work on the page it was opened from. */
export function Help({ onClose }: { onClose: () => void }) {
  const t = useTexts(shellTexts);
  const [keys] = useState(currentKeys);
  const [isOn, setOn] = useState(areLettersOn);
  return (
    <Dialog title={t('helpTitle')} onClose={onClose}>
      <dl className="help">
        {keys.map((binding) => (
          <div key={binding.keys} className="help-key">
            <dt>
              <Keys keys={binding.keys} />
            </dt>
            <dd>{binding.does}</dd>
          </div>
        ))}
      </dl>
      <label className="help-letters">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => {
            setOn(event.target.checked);
            setLettersOn(event.target.checked);
          }}
        />
        {t('letters')}
      </label>
    </Dialog>
  );
}
