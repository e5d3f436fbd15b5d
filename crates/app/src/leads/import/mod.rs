//! CSV import: a plan for the columns, a reader for the lines, a pure merge, and the job that puts them together.
//!
//! The merge decides without a store what each line would do, so that a dry run counts exactly what the real run does.

mod job;
mod merge;
mod plan;
mod reader;
mod row;
mod text;

pub use job::{get_import, give_up_import, import_chunk, note_file_import, run_import, start_import};
pub use plan::ImportPlan;
pub use reader::{Line, LineReader};
pub use text::decode;
