//! A release carries the dashboard in it: when that was built anew, so must be what carries it.
//! Builds for development read its files when they are asked for them.

fn main() {
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    println!("cargo::rerun-if-changed={}", if release { "../../web/dist" } else { "build.rs" });
}
