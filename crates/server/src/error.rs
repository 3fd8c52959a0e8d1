//! Why the server does not run.

use std::io;
use std::net::SocketAddr;

use sekisho_event::text::Text;

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address can be reached from other machines.
    #[error("listening on {listen} would open every event to the network: accounts and TLS are not built yet")]
    NotLoopback {
        /// The address.
        listen: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What went wrong.
        source: io::Error,
    },
    /// Threads or signal handlers cannot be had.
    #[error("starting the server's threads: {0}")]
    Start(#[source] io::Error),
}

impl Error {
    /// Returns true where what was asked for cannot be, and not the machine is at fault.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NotLoopback { .. })
    }

    /// Returns the error in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let ja = match self {
            Self::NotLoopback { listen } => format!(
                "{listen} で待ち受けると、ネットワークから全イベントを読めてしまいます。アカウントと TLS にはまだ対応していません。"
            ),
            Self::Listen { listen, source } => format!("{listen} で待ち受けられません({source})。"),
            Self::Start(source) => format!("サーバーのスレッドを開始できません({source})。"),
        };
        Text::of(self.to_string(), ja)
    }

    /// Returns what to do next, in both languages.
    #[must_use]
    pub fn hint(&self) -> Option<Text> {
        match self {
            Self::NotLoopback { .. } => Some(Text::of(
                "listen on 127.0.0.1 and reach it through a tunnel, such as `ssh -L 7474:127.0.0.1:7474 HOST`",
                "127.0.0.1 で待ち受け、`ssh -L 7474:127.0.0.1:7474 HOST` などのトンネルを通して利用してください。",
            )),
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => Some(Text::of(
                "another program uses the port: choose one with `--listen`, port 0 takes a free one",
                "ほかのプログラムがポートを使用しています。`--listen` で別のポートを指定してください。ポート 0 は空きポートを使います。",
            )),
            Self::Listen { .. } | Self::Start(_) => None,
        }
    }
}
