import { defineTexts } from '../../i18n/texts';

/** Texts of the histogram. */
export const histogramTexts = defineTexts({
  name: { en: 'Events over time', ja: '時間ごとのイベント数' },
  help: {
    en: 'Arrows go from bar to bar, Shift marks several, Enter zooms in.',
    ja: '矢印キーで移動、Shift で範囲選択、Enter で拡大します。',
  },
  bar: { en: '{from} – {to}: {count}', ja: '{from} – {to}: {count}' },
  count: { en: '{n} event|{n} events', ja: '{n} 件' },
  width: { en: 'a bar is {width}, days of {zone}', ja: '棒 1 本は {width}、日の区切りは {zone}' },
  second: { en: '{n} second|{n} seconds', ja: '{n} 秒' },
  minute: { en: '{n} minute|{n} minutes', ja: '{n} 分' },
  hour: { en: '{n} hour|{n} hours', ja: '{n} 時間' },
  day: { en: '{n} day|{n} days', ja: '{n} 日' },
  most: { en: 'highest {n}', ja: '最大 {n}' },
  gaps: {
    en: 'hatched: {n} stretch of lost data|hatched: {n} stretches of lost data',
    ja: '斜線: データの欠落 {n} か所',
  },
  gap: { en: 'lost: {table}, {org}, {from} – {to}', ja: '欠落: {table}、{org}、{from} – {to}' },
  zoom: { en: 'drag over bars to zoom', ja: '棒の上をドラッグすると拡大' },
});
