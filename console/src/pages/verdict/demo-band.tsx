import type { Status } from '../../api/types';
import { usePick, useTexts } from '../../i18n/lang';
import { verdictTexts } from './texts';

/** Says that the data are invented, and which acts of the invented attackers are not found yet. */
export function DemoBand({ acts }: { acts: Status['acts'] }) {
  const t = useTexts(verdictTexts);
  const pick = usePick();
  return (
    <aside className="demo">
      <p>
        <b>{t('demo')}</b>{' '}
        {acts !== null && <span>{t('acts', { found: acts.found, total: acts.total })}</span>}
      </p>
      {acts !== null && acts.not_found.length > 0 && (
        <div className="demo-missed">
          <span>{t('actsMissed')}</span>
          <ul>
            {acts.not_found.map((act) => (
              <li key={act.id}>
                <b>{pick(act.name)}</b> <span className="quiet">{pick(act.why)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </aside>
  );
}
