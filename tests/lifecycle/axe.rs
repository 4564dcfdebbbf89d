//! The page in a real browser, judged by axe: contrast in both themes, names, headings, keyboard, from a phone to a wide screen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::test_shop::TestShop;

const AXE: &str = "axe-core@4.14.1";
/// Their databases, and what is in them.
const PAGES: [(&str, &str); 2] = [("mcf.db", "full"), ("empty.db", "empty")];
const WIDTHS: [u32; 4] = [320, 390, 800, 1440];
/// What Chromium calls the preferred colours, and how a test names them.
const THEMES: [(&str, &str); 2] = [("dark", "0"), ("light", "1")];

/// Returns axe from where an earlier test put it, else from the npm registry; `None` where neither is there.
pub fn axe() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    let script = folder.join("package/axe.min.js");
    if script.is_file() {
        return Some(script);
    }
    fs::create_dir_all(&folder).ok()?;
    let packed = Command::new("npm")
        .args(["pack", AXE, "--silent"])
        .current_dir(&folder)
        .output()
        .ok()?;
    let name = String::from_utf8(packed.stdout).ok()?;
    let unpacked = Command::new("tar")
        .args(["xzf", name.trim(), "package/axe.min.js"])
        .current_dir(&folder)
        .status();
    (unpacked.ok()?.success() && script.is_file()).then_some(script)
}

/// The page with axe in it, which tells the frame around it what it finds. The page's own policy would not let it run.
fn judged(page: &str, name: &str) -> String {
    let begin = page
        .find("<meta http-equiv=\"Content-Security-Policy\"")
        .expect("a policy");
    let end = begin + page[begin..].find('>').expect("an end") + 1;
    let without_policy = format!("{}{}", &page[..begin], &page[end..]);
    let script = format!(
        "<script src=\"axe.min.js\"></script><script>
         const wide = document.documentElement.scrollWidth > innerWidth ? ['the page is wider than its screen'] : [];
         axe.run().then(found => parent.postMessage('{name}: ' + JSON.stringify(wide.concat(found.violations.map(
             fault => [fault.id, ...fault.nodes.map(node => node.target + ': ' + node.failureSummary)]))), '*'));
         </script></body>"
    );
    without_policy.replace("</body>", &script)
}

/// Each page in every width, by its name.
fn frames() -> impl Iterator<Item = (String, u32)> {
    let of_page = |(_, page): (&str, &'static str)| WIDTHS.map(|width| (format!("{page} {width}"), width));
    PAGES.into_iter().flat_map(of_page)
}

/// Lets the browser judge the pages in every width, and returns what it says, one line each; `None` where it is not through.
fn judgements(folder: &Path, theme: &str) -> Option<Vec<String>> {
    let frames: String = frames()
        .map(|(name, width)| format!("<iframe src=\"{name}.html\" width=\"{width}\" height=\"3000\"></iframe>"))
        .collect();
    let around = format!(
        "<!DOCTYPE html><pre id=\"said\"></pre><script>
         addEventListener('message', told => said.append(told.data + '\\n'));
         </script>{frames}"
    );
    fs::write(folder.join("all.html"), around).expect("written");
    let browser = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--virtual-time-budget=60000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("browser").display()))
        .arg(format!("--blink-settings=preferredColorScheme={theme}"))
        .arg(format!("file://{}", folder.join("all.html").display()))
        .output()
        .ok()?;
    let shown = String::from_utf8_lossy(&browser.stdout).into_owned();
    let said = shown.split("<pre id=\"said\">").nth(1)?.split("</pre>").next()?;
    let mut said: Vec<String> = said.lines().map(str::to_owned).collect();
    said.sort();
    (said.len() == PAGES.len() * WIDTHS.len()).then_some(said)
}

#[test]
fn axe_finds_nothing_on_the_page() {
    let Some(script) = axe() else {
        eprintln!("skipped: axe-core can't be had from the npm registry");
        return;
    };
    if Command::new("chromium").arg("--version").output().is_err() {
        eprintln!("skipped: this machine has no chromium");
        return;
    }
    let shop = TestShop::busy();
    let folder = shop.folder.path().join("judged");
    fs::create_dir(&folder).expect("a folder");
    fs::copy(&script, folder.join("axe.min.js")).expect("copied");
    for (database, name) in PAGES {
        shop.mcf(&["report", "--db", database, "--output", "page.html"])
            .ends_with(0);
        let page = fs::read_to_string(shop.folder.path().join("page.html")).expect("a page");
        for width in WIDTHS {
            let name = format!("{name} {width}");
            fs::write(folder.join(format!("{name}.html")), judged(&page, &name)).expect("written");
        }
    }
    let mut nothing: Vec<String> = frames().map(|(name, _)| format!("{name}: []")).collect();
    nothing.sort();
    for (theme, number) in THEMES {
        let Some(said) = (0..3).find_map(|_| judgements(&folder, number)) else {
            eprintln!("skipped: the browser gives no answer");
            return;
        };
        assert_eq!(said, nothing, "{theme}");
    }
}
