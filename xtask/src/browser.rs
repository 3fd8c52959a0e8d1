//! The console's tests in a real browser, against a server of our own with the demo incident.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Failure;
use crate::console::npm;
use crate::workspace::{run, succeeds, target_dir};

/// Names the browser, here and in the tests' settings.
const BROWSER_VARIABLE: &str = "CHROMIUM";
/// Where Debian puts it.
const DEBIAN_CHROMIUM: &str = "/usr/bin/chromium";
/// Debian's packages: the browser, and a face for Japanese where a page falls back to the system's.
const DEBIAN_PACKAGES: [&str; 2] = ["chromium", "fonts-noto-cjk"];

/// Returns a browser, installed where we may.
pub(crate) fn prepare() -> Result<PathBuf, Failure> {
    if let Some(own) = std::env::var_os(BROWSER_VARIABLE) {
        println!("using the browser that {BROWSER_VARIABLE} names");
        return Ok(own.into());
    }
    if Path::new(DEBIAN_CHROMIUM).exists() {
        println!("Chromium is there already");
        return Ok(DEBIAN_CHROMIUM.into());
    }
    // Only where we may: a container, or CI.
    if succeeds(Command::new("sh").args(["-c", "test \"$(id -u)\" = 0 && command -v apt-get"])) {
        println!("installing the Debian packages {}", DEBIAN_PACKAGES.join(", "));
        run(Command::new("apt-get").args(["update", "--quiet=2"]))?;
        run(Command::new("apt-get")
            .args(["install", "--quiet=2", "--yes", "--no-install-recommends"])
            .args(DEBIAN_PACKAGES)
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    if Path::new(DEBIAN_CHROMIUM).exists() {
        return Ok(DEBIAN_CHROMIUM.into());
    }
    Err(format!(
        "the browser tests need Chromium: install it (on Debian: {}), or name it in {BROWSER_VARIABLE}",
        DEBIAN_PACKAGES.join(" ")
    ))
}

/// Runs the browser tests against the program that was built.
pub(crate) fn test(browser: &Path, full: bool) -> Result<(), Failure> {
    let program = target_dir().join("debug/sekisho");
    let server = Server::start(&program)?;
    println!("testing the console at {}", server.url);
    let mut command = npm(&["run", "--silent", "test:browser"]);
    command.env("SEKISHO_URL", &server.url).env(BROWSER_VARIABLE, browser);
    if full {
        command.env("SEKISHO_FULL", "1");
    }
    run(&mut command)
}

/// A server with the demo incident; it ends with this value.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(program: &Path) -> Result<Self, Failure> {
        let mut child = Command::new(program)
            .args(["demo", "--listen", "127.0.0.1:0", "--lang", "en", "--format", "table"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let stderr = child.stderr.take().ok_or("the server has no output")?;
        let mut server = Self {
            child,
            url: String::new(),
        };
        let mut lines = BufReader::new(stderr).lines();
        for line in lines.by_ref() {
            let line = line.map_err(|error| format!("cannot read what the server says: {error}"))?;
            if let Some((_, rest)) = line.split_once("http://") {
                server.url = format!(
                    "http://{}",
                    rest.split_whitespace().next().unwrap_or(rest).trim_end_matches('/')
                );
                break;
            }
            println!("  {line}");
        }
        if server.url.is_empty() {
            return Err("the server ended before it listened".to_owned());
        }
        // A pipe that nobody reads would stop the server when it is full.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM first, so that it removes its temporary store.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
