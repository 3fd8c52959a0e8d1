import { type ReactNode, useState } from 'react';
import { ApiError } from '../../api/client';
import type { Level, Verdict } from '../../api/types';
import { PAGES } from '../../app/pages';
import { shellTexts } from '../../app/texts';
import { useTexts } from '../../i18n/lang';
import { Badge } from '../../parts/badge';
import { Button } from '../../parts/button';
import { Combobox } from '../../parts/combobox';
import { Copy } from '../../parts/copy';
import { Select, TextField } from '../../parts/field';
import { Keys } from '../../parts/keys';
import { Mark } from '../../parts/mark';
import { Menu } from '../../parts/menu';
import { Plain } from '../../parts/plain';
import { Severity } from '../../parts/severity';
import { ErrorState, Notice } from '../../parts/states';
import { Tabs } from '../../parts/tabs';
import { Time, TimeRange } from '../../parts/time';
import { Tooltip } from '../../parts/tooltip';
import { VerdictMark } from '../../parts/verdict-mark';
import { LEVELS } from '../findings/search';
import { componentsTexts } from './texts';

const VERDICTS: readonly Verdict[] = ['hit', 'clear', 'inconclusive'];
const COLOURS = [
  'desk',
  'sheet',
  'cell',
  'cell-strong',
  'hair',
  'rule',
  'ink-3',
  'ink-2',
  'ink',
  'shu',
  'ai',
];

/** What an attacker may write into a field. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  'invoice\u202efdp.exe',
  'admin\u200b@kaede.example',
  '\u001b[2J\u0007',
  '=HYPERLINK("https://attacker.example")',
];

const FAILURE = new ApiError({
  type: 'about:blank',
  title: { en: 'no store', ja: 'ストアがありません。' },
  status: 503,
  detail: { en: 'cannot open sekisho-data', ja: 'sekisho-data を開けません。' },
  code: 'no_store',
  hint: {
    en: 'load logs first: `sekisho ingest logs/`',
    ja: '先にログを取り込んでください: `sekisho ingest logs/`',
  },
});

/** The components in their states. */
export function Specimens() {
  const t = useTexts(componentsTexts);
  return (
    <>
      <Specimen name={t('verdicts')}>
        {VERDICTS.map((verdict) => (
          <VerdictMark key={verdict} verdict={verdict} size="large" />
        ))}
        {VERDICTS.map((verdict) => (
          <VerdictMark key={verdict} verdict={verdict} />
        ))}
      </Specimen>
      <Specimen name={t('severities')}>
        {LEVELS.map((level) => (
          <Severity key={level} level={level} />
        ))}
      </Specimen>
      <Buttons />
      <Specimen name={t('badges')}>
        <Badge>{t('named')}</Badge>
        <Badge kind="dashed">{t('doubtful')}</Badge>
        <Badge kind="solid">{t('counted')}</Badge>
      </Specimen>
      <Fields />
      <Times />
      <Specimen name={t('texts')}>
        {HOSTILE.map((text) => (
          <Plain key={text} text={text} isMono />
        ))}
      </Specimen>
      <TabsSpecimen />
      <Small />
      <Rows />
      <Specimen name={t('states')}>
        <Notice title={t('emptyTitle')} why={t('emptyWhy')}>
          <Button>{t('widen')}</Button>
        </Notice>
        <ErrorState error={FAILURE} onRetry={() => {}} />
      </Specimen>
      <Look />
    </>
  );
}

function Specimen({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="specimen">
      <h3>{name}</h3>
      <div className="specimen-body">{children}</div>
    </div>
  );
}

function Buttons() {
  const t = useTexts(componentsTexts);
  return (
    <Specimen name={t('buttons')}>
      <Button>{t('outline')}</Button>
      <Button kind="plain">{t('plain')}</Button>
      <Button kind="main">{t('main')}</Button>
      <Button aria-pressed="true">{t('pressed')}</Button>
      <Button disabled>{t('disabled')}</Button>
    </Specimen>
  );
}

function Fields() {
  const t = useTexts(componentsTexts);
  const shell = useTexts(shellTexts);
  return (
    <Specimen name={t('fields')}>
      <TextField label={t('from')} defaultValue="2025-11-18 26:00" />
      <TextField label={t('from')} defaultValue="18.11." problem={t('badTime')} />
      <Select label={t('severities')} defaultValue={'high' satisfies Level}>
        {LEVELS.map((level) => (
          <option key={level}>{level}</option>
        ))}
      </Select>
      <Combobox
        label={t('combobox')}
        optionsFor={(typed) =>
          PAGES.map((page) => ({ id: page.key, label: shell(page.text) })).filter(({ label }) =>
            label.toLowerCase().includes(typed.toLowerCase()),
          )
        }
        onPick={() => {}}
      />
    </Specimen>
  );
}

function Times() {
  const t = useTexts(componentsTexts);
  return (
    <Specimen name={t('times')}>
      <Time at="2025-11-18T14:03:22.123456Z" isCopyable />
      <Time at="2025-11-18T14:03:22.123456Z" detail="full" />
      <TimeRange from="2025-11-18T14:03:00Z" to="2025-11-18T15:21:00Z" />
      <TimeRange from="2025-11-16T16:14:22Z" to="2025-11-19T20:41:55Z" />
      <Time at={null} />
    </Specimen>
  );
}

function TabsSpecimen() {
  const t = useTexts(componentsTexts);
  const [tab, setTab] = useState<'named' | 'texts'>('named');
  return (
    <Specimen name={t('tabs')}>
      <Tabs
        label={t('tabs')}
        tabs={[
          { key: 'named', name: t('named') },
          { key: 'texts', name: t('texts') },
        ]}
        current={tab}
        onChange={setTab}
      >
        <p className="specimen-panel">{t(tab)}</p>
      </Tabs>
    </Specimen>
  );
}

function Small() {
  const t = useTexts(componentsTexts);
  const [choice, setChoice] = useState('named');
  return (
    <Specimen name={t('menuTooltip')}>
      <Menu
        button={t('menu')}
        kind="outline"
        items={(['named', 'texts'] as const).map((id) => ({
          id,
          name: t(id),
          isCurrent: id === choice,
          onPick: () => setChoice(id),
        }))}
      />
      <Tooltip text={t('tooltip')}>quiet</Tooltip>
      <Copy value="203.0.113.14" what="203.0.113.14" />
      <Keys keys="g v" />
      <Keys keys="ctrl+k" />
      <Keys keys="Escape" />
      <span className="specimen-mark">
        <Mark />
      </span>
    </Specimen>
  );
}

function Rows() {
  const t = useTexts(componentsTexts);
  return (
    <Specimen name={t('rows')}>
      <table className="rows">
        <tbody>
          {LEVELS.slice(0, 3).map((level, index) => (
            <tr key={level} className={index === 1 ? 'is-open' : undefined}>
              <td>
                <Severity level={level} />
              </td>
              <td>kaede-japan</td>
              <td className="number">{(index + 1) * 1204}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Specimen>
  );
}

function Look() {
  const t = useTexts(componentsTexts);
  return (
    <>
      <Specimen name={t('colours')}>
        {COLOURS.map((colour) => (
          <span key={colour} className="swatch">
            <span className={`swatch-colour swatch-${colour}`} />
            <code>{colour}</code>
          </span>
        ))}
      </Specimen>
      <Specimen name={t('type')}>
        <div className="type-specimen">
          {[6, 5, 4, 3, 2, 1].map((size) => (
            <p key={size} className={`type-${size}`}>
              {t('sentence')} 0123456789
            </p>
          ))}
          <p className="mono">{t('sentence')} 0Oo 1lI +dR/x</p>
        </div>
      </Specimen>
    </>
  );
}
