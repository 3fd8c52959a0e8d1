import { defineTexts } from '../../i18n/texts';

/** Texts about what was searched and what could not be seen. */
export const coverageStripTexts = defineTexts({
  strip: { en: 'Events by day: {n} in {days}', ja: '日ごとのイベント数: {days}に {n} 件' },
  days: { en: '{n} day|{n} days', ja: '{n} 日間' },
  legendEvents: { en: 'events of a day', ja: '1 日のイベント数' },
  legendGap: { en: 'data lost', ja: '欠落' },
  legendLate: { en: 'may still arrive', ja: 'これから届く可能性' },
  legendNone: { en: 'no event, no sign of a loss', ja: 'イベントなし（欠落の兆候なし）' },
  noLoss: { en: 'no loss known', ja: '分かっている欠落なし' },
  gap: { en: 'lost', ja: '欠落' },
  expected: { en: 'about {n} event expected|about {n} events expected', ja: '通常なら約 {n} 件' },
  reason_missing_file: {
    en: 'a file is missing between others',
    ja: '前後のファイルがあるのに、この間のファイルがありません。',
  },
  reason_silence: {
    en: 'a silence that is unlikely at the usual rate',
    ja: '通常の件数から見て、ありそうにない空白です。',
  },
  reason_no_data: { en: 'the data do not reach this far', ja: 'データがここまでありません。' },
  reason_known_loss: {
    en: 'rows or files could not be read',
    ja: '読み取れなかった行またはファイルがあります。',
  },
  moreGaps: { en: 'and {n} more losses', ja: 'ほか {n} か所の欠落' },
  late: { en: 'may still arrive', ja: 'これから届く可能性' },
  quiet: { en: '{n} quiet hour|{n} quiet hours', ja: '静穏 {n} 時間' },
  undated: { en: '{n} event without a time|{n} events without a time', ja: '時刻のないイベント {n} 件' },
  capped: {
    en: 'a limit was reached; this account is not complete',
    ja: '上限に達したため、この集計は完全ではありません。',
  },
  blind: { en: 'blind', ja: '死角' },
  blindFor: { en: 'blind for {kinds}', ja: '死角（{kinds}）' },
  decides: { en: 'keeps the verdict open', ja: '判定が確定しない理由' },
  rows: { en: '{n} row|{n} rows', ja: '{n} 行' },
  allRows: { en: 'all rows', ja: 'すべての行' },
  blind_field_absent: { en: 'it has no {columns}', ja: '{columns} の列がありません。' },
  blind_column_empty: { en: '{columns} is empty in all rows', ja: '{columns} がすべての行で空です。' },
  blind_blank_by_design: {
    en: '{columns} is blank by design in {rows}',
    ja: '{rows}で {columns} が仕様により空です。',
  },
  blind_coded_user_agent: {
    en: '{columns} holds the platform’s code instead of the user agent in {rows}',
    ja: '{rows}で {columns} がユーザーエージェントではなくプラットフォームのコードです。',
  },
  blind_browser_name_only: {
    en: '{columns} holds a browser’s name instead of the user agent',
    ja: '{columns} がユーザーエージェントではなくブラウザー名です。',
  },
  blind_not_an_address: {
    en: '{columns} holds a word instead of an address in {rows}',
    ja: '{rows}で {columns} がアドレスではなく単語です。',
  },
  blind_not_a_host: { en: 'no value of {columns} is a host', ja: '{columns} にホスト名がありません。' },
  blind_streamed_only_types: {
    en: 'event types that are only streamed are missing: no stream was loaded',
    ja: 'ストリームだけで配信される種類のイベントがありません（ストリーム未取り込み）。',
  },
  blind_not_recorded: {
    en: 'the platform does not record {what} here',
    ja: 'プラットフォームはここに {what} を記録しません。',
  },
});
