//! What an import would make of a file: from its start alone, and keeping nothing.

use super::intake::{Content, Intake};
use super::layout;
use super::plan::{ImportPlan, Target};
use super::receive::{PIECE, allowed, detected, layout as said};
use super::sheet::Unfolded;
use crate::blocking;
use crate::leads::commands::{ImportOptions, ImportPreview, IncomingFile, PreviewColumn};
use groundswell_domain::leads::FileFormat;
use groundswell_domain::{Error, Scope};

/// Different cells of a column that are shown, and how much of each.
const SAMPLES: usize = 5;
const LONGEST_SAMPLE: usize = 200;

pub struct Preview {
    intake: Intake,
    sheet: Option<String>,
    head: String,
}

/// The start of a sheet.
struct Start {
    sheet: String,
    text: String,
    is_whole: bool,
}

fn start_of(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Start, Error> {
    let mut book = Unfolded::open(bytes, sheet)?;
    let sheet = book.sheet();
    let mut pieces = book.pieces()?;
    Ok(Start {
        sheet,
        text: pieces.next(PIECE / 4)?.unwrap_or_default(),
        is_whole: pieces.next(1)?.is_none(),
    })
}

impl Preview {
    pub fn new(scope: &Scope, file: IncomingFile) -> Result<Self, Error> {
        Ok(Self {
            intake: Intake::new(allowed(scope, &file)?),
            sheet: file.sheet,
            head: String::new(),
        })
    }

    /// Of a text, what comes after the first MiB is left alone.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.is_enough() {
            return Ok(());
        }
        self.intake.push(bytes)?;
        if let Some(text) = self.intake.take(PIECE) {
            self.head = text;
        }
        Ok(())
    }

    fn is_enough(&self) -> bool {
        !self.head.is_empty()
    }

    pub async fn finish(self, options: &ImportOptions) -> Result<ImportPreview, Error> {
        let is_cut = self.is_enough();
        let mut head = self.head;
        let (format, encoding, sheet, is_whole) = match self.intake.finish()? {
            Content::Text(rest, encoding) => {
                if !is_cut {
                    head = rest;
                }
                (FileFormat::Csv, encoding, None, !is_cut)
            }
            Content::Workbook(bytes) => {
                let sheet = self.sheet;
                let start = blocking::run(move || start_of(bytes, sheet.as_deref())).await??;
                head = start.text;
                (
                    FileFormat::Xlsx,
                    encoding_rs::UTF_8,
                    Some(start.sheet),
                    start.is_whole,
                )
            }
        };
        let plan = ImportPlan::suggest(&head, is_whole, format, &options.mapping, &said(options)?)?;
        let (lines, _) = layout::sample(&head, is_whole, plan.delimiter);
        let rows: Vec<_> = lines
            .iter()
            .skip(usize::from(plan.header))
            .filter_map(|line| line.fields.as_ref().ok())
            .collect();
        let samples = |column: usize| {
            let mut seen: Vec<String> = Vec::new();
            for cell in rows.iter().filter_map(|row| row.get(column)) {
                let cell: String = cell.trim().chars().take(LONGEST_SAMPLE).collect();
                if seen.len() < SAMPLES && !cell.is_empty() && !seen.contains(&cell) {
                    seen.push(cell);
                }
            }
            seen
        };
        let column = |(index, (name, _)): (usize, &(String, Target))| PreviewColumn {
            column: name.clone(),
            field: plan.field(index),
            confidence: if options.mapping.contains_key(name) {
                1.0
            } else {
                plan.confidence.get(index).copied().unwrap_or_default()
            },
            samples: samples(index),
        };
        let is_importable = plan.columns.iter().any(|(_, target)| *target == Target::Email);
        Ok(ImportPreview {
            columns: plan.columns.iter().enumerate().map(column).collect(),
            problem: (!is_importable)
                .then(|| "no column holds the mail address: say in `mapping` which one does".to_owned()),
            detected: detected(&plan, format, encoding, sheet),
        })
    }
}
