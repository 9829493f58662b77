//! The yardstick of `cargo xtask bench codegen`: progenitor alone makes a client from a lowered document, formatted by
//! prettyplease.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(document), Some(out)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: progenitor_alone LOWERED.json CLIENT.rs");
        return ExitCode::from(2);
    };
    match generate(document.as_ref()).and_then(|text| std::fs::write(out, text).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(document: &std::path::Path) -> Result<String, String> {
    let text = std::fs::read_to_string(document).map_err(|error| error.to_string())?;
    let api = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut settings = progenitor_impl::GenerationSettings::new();
    settings.with_interface(progenitor_impl::InterfaceStyle::Builder);
    let tokens = progenitor_impl::Generator::new(&settings).generate_tokens(&api).map_err(|error| error.to_string())?;
    let file = syn::parse2(tokens).map_err(|error| error.to_string())?;
    Ok(prettyplease::unparse(&file))
}
