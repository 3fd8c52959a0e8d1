import { defineTexts } from '../../i18n/texts';

/** Texts of the query bar. */
export const queryBarTexts = defineTexts({
  label: { en: 'Search', ja: '検索' },
  placeholder: {
    en: 'field:value, words, rows>1000, src_ip:192.0.2.0/24, -field:value',
    ja: '項目:値、語句、rows>1000、src_ip:192.0.2.0/24、-項目:値',
  },
  run: { en: 'Search', ja: '検索' },
  clear: { en: 'Clear the search', ja: '検索文を消去' },
  suggestions: { en: 'Suggestions', ja: '候補' },
  field: { en: 'field', ja: '項目' },
  history: { en: 'asked before', ja: '履歴' },
  count: { en: '{n} event|{n} events', ja: '{n} 件' },
  hint: { en: 'Look at: {part}', ja: '該当箇所: {part}' },
});
