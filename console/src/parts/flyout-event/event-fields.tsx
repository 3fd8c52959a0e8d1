import { type ReactNode, useState } from 'react';
import type { Event, EventDetail, EventField } from '../../api/types';
import { usePick, useTexts } from '../../i18n/lang';
import { Button } from '../button';
import { Copy } from '../copy';
import { StanceButton } from '../facets/facets';
import { Plain } from '../plain';
import type { Stance } from '../query-bar/terms';
import { Time } from '../time';
import { flyoutEventTexts } from './texts';

type OnFilter = (field: string, value: string, stance: Stance) => void;

/** Fields that differ in every event: filtering by them finds the event itself. */
const UNIQUE: ReadonlySet<keyof Event> = new Set(['time', 'line']);

/** The fields of an event: those that all events have, then the row of its own table, then what no catalogue knows. */
export function EventFields({ detail, onFilter }: { detail: EventDetail; onFilter: OnFilter }) {
  const t = useTexts(flyoutEventTexts);
  const common = (Object.keys(detail.event) as (keyof Event)[]).filter((name) => detail.event[name] !== null);
  const filled = detail.fields.filter((field) => field.value !== null);
  const empty = detail.fields.filter((field) => field.value === null);
  return (
    <>
      <Section title={t('common')}>
        {common.map((name) => (
          <CommonField key={name} name={name} event={detail.event} onFilter={onFilter} />
        ))}
      </Section>
      <Section title={t('typed', { table: detail.table.name })}>
        {filled.map((field) => (
          <TypedField key={field.name} field={field} />
        ))}
      </Section>
      <Empty fields={empty} />
      {detail.extra && (
        <Section title={t('extra')}>
          {Object.entries(detail.extra).map(([name, value]) => (
            <FieldRow key={name} name={name} value={textOf(value)} shown={<Plain text={textOf(value)} />} />
          ))}
        </Section>
      )}
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const t = useTexts(flyoutEventTexts);
  return (
    <table className="event-fields">
      <caption>{title}</caption>
      <colgroup>
        <col className="event-name-column" />
        <col />
        <col className="event-tools-column" />
      </colgroup>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">{t('field')}</th>
          <th scope="col">{t('value')}</th>
          <th scope="col">{t('tools')}</th>
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function CommonField({ name, event, onFilter }: { name: keyof Event; event: Event; onFilter: OnFilter }) {
  const t = useTexts(flyoutEventTexts);
  const value = String(event[name]);
  return (
    <FieldRow
      name={name}
      value={value}
      shown={name === 'time' ? <Time at={event.time} detail="full" /> : <Plain text={value} />}
      tools={
        UNIQUE.has(name) ? null : (
          <>
            <StanceButton
              sign="+"
              name={t('include', { field: name })}
              isOn={false}
              onClick={() => onFilter(name, value, 'include')}
            />
            <StanceButton
              sign="−"
              name={t('exclude', { field: name })}
              isOn={false}
              onClick={() => onFilter(name, value, 'exclude')}
            />
          </>
        )
      }
    />
  );
}

function TypedField({ field }: { field: EventField }) {
  const t = useTexts(flyoutEventTexts);
  const pick = usePick();
  const value = String(field.value);
  const unit = field.unit === null ? '' : ` ${field.unit}`;
  return (
    <FieldRow
      name={field.name}
      meaning={pick(field.meaning)}
      value={value}
      shown={
        <>
          {field.type === 'time' ? <Time at={value} detail="full" /> : <Plain text={value} />}
          <span className="quiet">{unit}</span>
          {field.original !== null && (
            <span className="event-original quiet">{t('original', { text: field.original })}</span>
          )}
        </>
      }
    />
  );
}

function Empty({ fields }: { fields: readonly EventField[] }) {
  const t = useTexts(flyoutEventTexts);
  const pick = usePick();
  const [isShown, setShown] = useState(false);
  if (fields.length === 0) return null;
  if (!isShown) {
    return (
      <Button kind="plain" onClick={() => setShown(true)}>
        {t('empty', { n: fields.length })}
      </Button>
    );
  }
  return (
    <table className="event-fields quiet">
      <tbody>
        {fields.map((field) => (
          <tr key={field.name}>
            <th scope="row">{field.name}</th>
            <td>{pick(field.meaning)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FieldRow(props: {
  name: string;
  value: string;
  shown: ReactNode;
  meaning?: string;
  tools?: ReactNode;
}) {
  return (
    <tr className="event-field">
      <th scope="row" title={props.meaning}>
        <Plain text={props.name} />
      </th>
      <td className="event-value">{props.shown}</td>
      <td className="event-tools">
        {props.tools}
        <Copy value={props.value} what={props.name} />
      </td>
    </tr>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
