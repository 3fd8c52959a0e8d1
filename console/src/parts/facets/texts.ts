import { defineTexts } from '../../i18n/texts';

/** Texts of the facets. */
export const facetsTexts = defineTexts({
  name: { en: 'Values', ja: '値の内訳' },
  include: { en: 'Only {field}: {value}', ja: '{field} を {value} に絞り込む' },
  exclude: { en: 'Without {field}: {value}', ja: '{field} から {value} を除外' },
  other: { en: 'other values', ja: 'その他の値' },
  missing: { en: 'no value', ja: '値なし' },
  none: { en: 'no event has a value', ja: '値を持つイベントはありません。' },
});
