//! A profile file of the official SDK, on its way into the client.

use std::path::PathBuf;
use std::sync::LazyLock;

use ges_client::credentials::{FoundCredentials, from_profile};

const SECRET: &str = "s3cret-0f-the-fuzzer";

/// In the folder for temporary files, one for each process.
static PATH: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("profile-of-a-fuzzer-{}", std::process::id())));

/// Refused with a reason, or keys that sign. Neither shows a secret, `{{secret}}`, unless the file has it for something
/// that is none.
pub fn profile(data: &[u8]) {
    let data = match std::str::from_utf8(data) {
        Ok(text) => text.replace("{{secret}}", SECRET).into_bytes(),
        Err(_) => data.to_vec(),
    };
    std::fs::write(&*PATH, &data).expect("a temporary file can be written");
    let read = from_profile(&*PATH);
    // Another process may have ended in between; nothing is lost but a file of some bytes.
    let _ = std::fs::remove_file(&*PATH);
    match read {
        Ok(found) => {
            let FoundCredentials::Keys(keys) = found.credentials else { panic!("a profile file has keys only") };
            let project = found.project_id;
            let text = String::from_utf8(data).expect("it was read");
            let is_line = |value: &str| text.lines().any(|line| line.trim_end().ends_with(value));
            assert!(project.is_none_or(|project| is_line(&project)), "no line ends with the project: {text}");
            let is_shown = has_secret_as_key(&text);
            assert!(is_shown || !format!("{keys:?}").contains(SECRET), "{keys:?}");
            let url = "http://h/v2/p/graphs".parse().expect("an address");
            let mut request = reqwest::Request::new(reqwest::Method::GET, url);
            match keys.sign(&mut request) {
                Ok(()) => {
                    let shown = format!("{:?}", request.headers());
                    assert!(is_shown || !shown.contains(SECRET), "a signature tells the secret: {shown}");
                }
                Err(error) => says_nothing(&error),
            }
        }
        Err(error) => says_nothing(&error),
    }
}

fn says_nothing(error: &ges_client::Error) {
    let said = format!("{error} {error:?}");
    assert!(said.len() > 1 && !said.contains(SECRET), "{said}");
}

/// Whoever writes a secret where the name of the key belongs, or a token, has it sent.
fn has_secret_as_key(text: &str) -> bool {
    text.lines().any(|line| {
        let name = line.split(['=', ':']).next().unwrap_or_default().trim().to_ascii_lowercase();
        line.contains(SECRET) && ["ak", "security_token"].contains(&name.trim_start_matches('\u{feff}'))
    })
}
