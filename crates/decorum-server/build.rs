//! The dashboard is part of the binary: when it was built anew, so is what carries it.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
