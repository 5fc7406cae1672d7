//! What things cost, each beside a named reference measured in the same run, in turn.
//!
//! Machines differ and are noisy: what is worth quoting is the ratio of medians. Run it with
//! `make bench`, which builds the binary it measures first.

#![expect(clippy::print_stdout, reason = "the tables are what the program is for")]

mod process;
mod store;
mod table;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    table::heading("a claim and its commit (SQLite)", "bare statements in the same transactions");
    for row in store::claim_and_commit()? {
        println!("{row}");
    }
    table::heading("a whole process", "the reference named in each row");
    for row in process::all()? {
        println!("{row}");
    }
    Ok(())
}
