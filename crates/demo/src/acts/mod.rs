//! What the attackers do, act by act.

pub(crate) mod aws;
pub(crate) mod gitlab;
pub(crate) mod salesforce;

use sekisho_event::text::Text;

use crate::truth::Expect;

/// An act as it was planned; the rows that show it are added while they are made.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) id: &'static str,
    en: &'static str,
    ja: &'static str,
    pub(crate) org: &'static str,
    pub(crate) technique: &'static str,
    pub(crate) expect: Expect,
}

impl Plan {
    pub(crate) fn name(&self) -> Text {
        Text {
            en: self.en.to_owned(),
            ja: Some(self.ja.to_owned()),
        }
    }
}

/// Returns the place of an act among [`PLANS`].
pub(crate) fn index(id: &str) -> usize {
    PLANS.iter().position(|plan| plan.id == id).unwrap_or_default()
}

const JAPAN: &str = "kaede-japan";
const EMEA: &str = "kaede-emea";
const GITLAB: &str = "gitlab.kaede.example";
const AWS: &str = "kaede-aws";

macro_rules! plan {
    ($id:literal, $org:ident, $technique:literal, $expect:ident, $en:literal, $ja:literal) => {
        Plan {
            id: $id,
            en: $en,
            ja: $ja,
            org: $org,
            technique: $technique,
            expect: Expect::$expect,
        }
    };
}

/// All acts. Their ids, and what is expected of the first detections, do not change any more: rules are measured against
/// them, not the other way round.
pub(crate) static PLANS: &[Plan] = &[
    plan!(
        "A01",
        JAPAN,
        "T1550.001",
        List,
        "A stolen token of Tsumugi Connect is used for the first time",
        "盗まれた Tsumugi Connect のトークンが初めて使われる"
    ),
    plan!(
        "A02",
        JAPAN,
        "T1526",
        List,
        "All objects of the org are listed (sobjects)",
        "組織の全オブジェクトの一覧を取得（sobjects）"
    ),
    plan!(
        "A03",
        JAPAN,
        "T1526",
        List,
        "Fields of five objects are read (describe)",
        "5 つのオブジェクトの項目定義を取得（describe）"
    ),
    plan!(
        "A04",
        JAPAN,
        "T1526",
        List,
        "The remaining API allowance is probed (limits)",
        "API の残量を調べる（limits）"
    ),
    plan!(
        "A05",
        JAPAN,
        "T1213.004",
        List,
        "Records of five objects are counted (COUNT)",
        "5 つのオブジェクトの件数を数える（COUNT）"
    ),
    plan!(
        "A06",
        JAPAN,
        "T1087.004",
        AllowList,
        "Users and the organisation are read through Tsumugi Connect from outside of the vendor's networks",
        "ベンダーのネットワーク外から Tsumugi Connect 経由でユーザーと組織情報を読み取る"
    ),
    plan!(
        "A07",
        JAPAN,
        "T1213.004",
        AllowList,
        "All contacts are pulled page by page for an hour, from addresses in no list",
        "どの指標リストにもない IP アドレスから、1 時間かけて取引先責任者を全件取得"
    ),
    plan!(
        "A08",
        JAPAN,
        "T1552",
        AllowList,
        "Cases are searched for keys and passwords, from an address in no list",
        "どの指標リストにもない IP アドレスから、ケースを鍵やパスワードの語で検索"
    ),
    plan!(
        "A09",
        JAPAN,
        "T1213.004",
        List,
        "A Bulk API 2.0 query job exports all cases",
        "Bulk API 2.0 のクエリジョブで全ケースを書き出す"
    ),
    plan!(
        "A10",
        JAPAN,
        "T1567",
        List,
        "The result of the bulk job is downloaded",
        "一括ジョブの結果をダウンロード"
    ),
    plan!(
        "A11",
        JAPAN,
        "T1070",
        Rule,
        "The bulk job is deleted seconds after the download",
        "ダウンロードの数秒後に一括ジョブを削除"
    ),
    plan!(
        "A12",
        JAPAN,
        "T1213.004",
        List,
        "Files attached to cases are downloaded",
        "ケースの添付ファイルをダウンロード"
    ),
    plan!(
        "A13",
        JAPAN,
        "T1199",
        Beyond,
        "Contacts are pulled slowly, night by night, through the vendor's own network",
        "ベンダー自身のネットワーク経由で、毎夜少しずつ取引先責任者を取得"
    ),
    plan!(
        "A14",
        JAPAN,
        "T1550.004",
        Rule,
        "A user's session goes on from another device and network (frontdoor.jsp)",
        "ユーザーのセッションが別の端末とネットワークから続けられる（frontdoor.jsp）"
    ),
    plan!(
        "A15",
        JAPAN,
        "T1567",
        Rule,
        "A report of all contacts is exported in the hijacked session",
        "乗っ取られたセッションで全取引先責任者のレポートをエクスポート"
    ),
    plan!(
        "A16",
        JAPAN,
        "T1078.004",
        Beyond,
        "An administrator's account logs in at night from a new network",
        "管理者アカウントが深夜に新しいネットワークからログイン"
    ),
    plan!(
        "A17",
        JAPAN,
        "T1078.004",
        Rule,
        "The compromised administrator logs in as another user",
        "侵害された管理者が別のユーザーとしてログイン（代理ログイン）"
    ),
    plan!(
        "A18",
        JAPAN,
        "T1098.003",
        Rule,
        "A permission set with all data is assigned to a user, to stay",
        "居座るため、全データの権限を持つ権限セットをユーザーに割り当てる"
    ),
    plan!(
        "A19",
        JAPAN,
        "T1556.009",
        Rule,
        "IP restrictions of the connected app are relaxed",
        "接続アプリケーションの IP 制限を緩和"
    ),
    plan!(
        "A20",
        JAPAN,
        "T1562.008",
        Rule,
        "The permission to delete event log files is switched on",
        "イベントログファイルを削除する権限を有効にする"
    ),
    plan!(
        "A21",
        EMEA,
        "T1550.001",
        Invisible,
        "The stolen token pulls contacts in the three hours whose log files are missing",
        "ログファイルが欠けている 3 時間に、盗まれたトークンで取引先責任者を取得"
    ),
    plan!(
        "A22",
        GITLAB,
        "T1552.001",
        Rule,
        "A project access token is printed into a job trace",
        "プロジェクトアクセストークンがジョブのトレースに出力される"
    ),
    plan!(
        "A23",
        GITLAB,
        "T1552",
        List,
        "CI/CD variables are read with the leaked token",
        "漏えいしたトークンで CI/CD 変数を読み取る"
    ),
    plan!(
        "A24",
        GITLAB,
        "T1213.003",
        List,
        "Fourteen projects are cloned with the leaked token",
        "漏えいしたトークンで 14 のプロジェクトをクローン"
    ),
    plan!(
        "A25",
        GITLAB,
        "T1098.004",
        Rule,
        "A deploy key that can push is added, to stay",
        "居座るため、書き込みできるデプロイキーを追加"
    ),
    plan!(
        "A26",
        AWS,
        "T1580",
        List,
        "The cloud key from the variables is tried (GetCallerIdentity, ListBuckets)",
        "変数にあったクラウドの鍵を試す（GetCallerIdentity、ListBuckets）"
    ),
    plan!(
        "A27",
        AWS,
        "T1530",
        List,
        "Objects of a backup bucket are downloaded",
        "バックアップ用バケットのオブジェクトをダウンロード"
    ),
    plan!(
        "A28",
        AWS,
        "T1098.001",
        Rule,
        "A second access key is created, to stay",
        "居座るため、2 つ目のアクセスキーを作成"
    ),
];
