import { defineTexts } from '../../i18n/texts';

/** Texts of the session tree. */
export const sessionTreeTexts = defineTexts({
  sessions: { en: 'Sessions of the login', ja: 'このログインのセッション' },
  loginRow: { en: 'The login', ja: 'ログイン' },
  noLogin: {
    en: 'No login row is in the data, so how the sessions began is partly unknown.',
    ja: 'ログインの行がデータにないため、セッションの始まり方は一部不明です。',
  },
  loginEvent: { en: 'Open the login event', ja: 'ログインのイベントを開く' },
  events: { en: '{n} event|{n} events', ja: 'イベント {n} 件' },
  eventsOf: {
    en: 'Show {n} event of this session|Show {n} events of this session',
    ja: 'このセッションのイベント {n} 件を表示',
  },
  moreTables: { en: 'and {n} more tables', ja: 'ほか {n} テーブル' },
  user: { en: 'user', ja: 'ユーザー' },
  addresses: { en: 'addresses', ja: 'アドレス' },
  devices: { en: 'devices', ja: 'デバイス' },
  app: { en: 'app', ja: 'アプリ' },
  why: { en: 'why', ja: '根拠' },
  tables: { en: 'tables', ja: 'テーブル' },
  unknown: { en: 'unknown', ja: '不明' },
  capped: {
    en: 'A limit was reached: some of it is not shown.',
    ja: '上限に達したため、一部を表示していません。',
  },
  asked: { en: 'asked for', ja: '指定されたキー' },
  kind_login: { en: 'by logging in', ja: 'ログインで開始' },
  kind_login_as: { en: 'an administrator became this user', ja: '管理者がこのユーザーとしてログイン' },
  kind_frontdoor: {
    en: 'a session id carried to another device, without a login',
    ja: 'ログインせずに、セッション ID を別のデバイスへ持ち込んで開始',
  },
  kind_unknown: { en: 'the data do not say how it began', ja: '始まり方はデータからは分かりません。' },
  reason_named_by_login_row: {
    en: 'the login row names this session',
    ja: 'ログインの行がこのセッションを示しています。',
  },
  reason_first_after_login: {
    en: 'it is the first session of the user who logged in',
    ja: 'ログインしたユーザーの最初のセッションです。',
  },
  reason_login_as_event: {
    en: 'a login-as event names the session or its user',
    ja: '代理ログインのイベントが、このセッションかユーザーを示しています。',
  },
  reason_other_user: { en: 'another user under the same login', ja: '同じログインの下の別のユーザーです。' },
  reason_frontdoor_seen: {
    en: '“frontdoor” stands in its first rows',
    ja: '最初の数行に frontdoor があります。',
  },
  reason_other_device: {
    en: 'another user agent under the same login, without a login of its own',
    ja: '同じログインの下で、別のユーザーエージェントが自身のログインなしに使われています。',
  },
  reason_other_address: {
    en: 'another address under the same login, without a login of its own',
    ja: '同じログインの下で、別のアドレスが自身のログインなしに使われています。',
  },
  reason_no_login_row: {
    en: 'no login row is in the data, so the first session cannot be told from a later one',
    ja: 'ログインの行がないため、最初のセッションか後のものか区別できません。',
  },
  reason_nothing_tells: {
    en: 'same user, device and address as the login; nothing tells how it began',
    ja: 'ユーザー、デバイス、アドレスがログインと同じで、始まり方を示すものがありません。',
  },
  flag_other_user: { en: 'not the user who logged in', ja: 'ログインしたユーザーと異なる' },
  flag_other_device: { en: 'not the device of the first session', ja: '最初のセッションとデバイスが異なる' },
  flag_other_address: { en: 'not the address of the login', ja: 'ログインとアドレスが異なる' },
  flag_several_users: { en: 'several users in one session', ja: '1 つのセッションに複数のユーザー' },
  flag_several_devices: { en: 'several devices in one session', ja: '1 つのセッションに複数のデバイス' },
});
