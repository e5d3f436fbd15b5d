//! Small workbooks, and what is wrong with others.

use super::Workbook;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const BOOK: &str = r#"<workbook><workbookPr/><sheets><sheet name="Hidden" state="hidden" r:id="r1"/>
    <sheet name="Leads &amp; more" r:id="r2"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="r1" Target="worksheets/a.xml"/>
    <Relationship Id="r2" Target="/xl/worksheets/b.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="d.m.yyyy"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
const STRINGS: &str = "<sst><si><t>email</t></si><si><r><t>J\u{f6}rg </t></r><r><t>&lt;M&#252;ller&gt;</t></r>\
    <rPh><t>hint</t></rPh></si></sst>";
const SHEET: &str = r#"<x:worksheet xmlns:x="y"><x:sheetData>
    <x:row r="2"><x:c r="A2" t="s"><x:v>0</x:v></x:c><x:c r="C2" t="inlineStr"><x:is><x:t>since</x:t></x:is></x:c></x:row>
    <x:row r="3"><x:c r="A3"/></x:row>
    <x:row r="5"><x:c t="s"><x:v>1</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c><x:c s="1"><x:v>46419</x:v></x:c><x:c><x:f>1+1</x:f><x:v>2</x:v></x:c>
    <x:c t="b"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"#;

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn book(sheet: &str) -> Vec<u8> {
    archive(&[
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
        ("xl/sharedStrings.xml", STRINGS),
        ("xl/worksheets/a.xml", "<worksheet/>"),
        ("xl/worksheets/b.xml", sheet),
    ])
}

fn rows(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Vec<(u32, Vec<String>)>, String> {
    let mut book = Workbook::open(bytes, sheet)?;
    let mut rows = book.rows()?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push((row.number, row.cells));
    }
    Ok(all)
}

#[test]
fn the_first_visible_sheet_is_read_as_people_see_it() {
    let read = rows(book(SHEET), None).unwrap();
    let texts = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        read,
        [
            (2, texts(&["email", "", "since"])),
            (
                5,
                texts(&["J\u{f6}rg <M\u{fc}ller>", "", "2027-02-01", "2", "true"])
            ),
        ]
    );
    assert_eq!(rows(book(SHEET), Some("hidden")).unwrap(), []);
    let error = rows(book(SHEET), Some("Other")).unwrap_err();
    assert!(error.contains("there are: Hidden, Leads & more"), "{error}");
}

#[test]
fn a_cell_far_to_the_right_does_not_make_the_text_wide() {
    let wide = "<worksheet><row r=\"1\"><c r=\"XFD1\" t=\"b\"><v>1</v></c></row></worksheet>";
    let read = rows(book(wide), None).unwrap();
    assert_eq!((read[0].1.len(), read[0].1[500].as_str()), (501, "true"));
}

#[test]
fn what_is_no_workbook_is_refused_with_a_sentence() {
    for (parts, said) in [
        (&[("word/document.xml", "")][..], "no spreadsheet"),
        (
            &[("xl/workbook.xml", BOOK), ("xl/vbaProject.bin", "")],
            "contains macros",
        ),
        (&[("xl/workbook.bin", "")], "binary workbook"),
        (&[("mimetype", ""), ("content.xml", "")], "OpenDocument"),
        (&[("xl/workbook.xml", BOOK)], "it has no xl/_rels"),
        (
            &[("xl/workbook.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><workbook/>")],
            "document type",
        ),
        (
            &[("xl/workbook.xml", "<workbook>&lol;</workbook>")],
            "means nothing",
        ),
        (&[("xl/workbook.xml", "<workbook/>")], "without a sheet"),
    ] {
        let error = rows(archive(parts), None).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
    let error = rows(b"PK\x03\x04 and nothing".to_vec(), None).unwrap_err();
    assert!(error.contains("broken ZIP archive"), "{error}");
    let cut = "<worksheet><sheetData><row r=\"1\"><c><v>1";
    assert!(rows(book(cut), None).unwrap_err().contains("broken"));
    let back = "<worksheet><sheetData><row r=\"5\"/><row r=\"4\"/></sheetData></worksheet>";
    assert!(
        rows(book(back), None)
            .unwrap_err()
            .contains("after row 5 comes row 4")
    );
    let missing = "<worksheet><row r=\"1\"><c t=\"s\"><v>99</v></c></row></worksheet>";
    assert!(
        rows(book(missing), None)
            .unwrap_err()
            .contains("text 99 is missing")
    );
}

#[test]
fn bombs_do_not_unfold() {
    let row = "<row><c/></row>".repeat(3_000_000);
    let bomb = book(&format!("<worksheet><sheetData>{row}</sheetData></worksheet>"));
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    let error = rows(bomb, None).unwrap_err();
    assert!(
        error.contains("unfolds") || error.contains("after row 1048576"),
        "{error}"
    );
    let text = format!("<worksheet><row><c t=\"str\"><v>{}", "x".repeat(40 << 20));
    let error = rows(book(&text), None).unwrap_err();
    assert!(error.contains("1 MiB") || error.contains("unfolds"), "{error}");
}

/// Pictures, so that the archive may unfold to more than it would by itself.
fn noise(length: usize) -> String {
    let mut state = 1_u64;
    let letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap())
    };
    std::iter::repeat_with(letter).take(length).collect()
}

#[test]
fn nothing_grows_in_memory_whatever_signs_it_is_made_of() {
    const MANY: usize = 20 << 20;
    // Behind the bomb, what makes its packed size a large one.
    let pad = noise(300_000);
    for bomb in [
        format!("<row><c t=\"str\"><v>{}</v></c></row>", ">".repeat(MANY)),
        format!("<row a=\"{}\"/>", "<".repeat(MANY)),
        format!("<!--{}-->", "<>".repeat(MANY / 2)),
        format!("<?x {}?>", "<>".repeat(MANY / 2)),
        format!("<![CDATA[{}]]>", "<>".repeat(MANY / 2)),
    ] {
        let start: String = bomb.chars().take(30).collect();
        let sheet = format!("<worksheet><sheetData>{bomb}<!--{pad}--></sheetData></worksheet>");
        let error = rows(book(&sheet), None).unwrap_err();
        assert!(error.contains("1 MiB"), "{start}: {error}");
    }
    let deep = "<a>".repeat(1000);
    let error = rows(book(&format!("<worksheet>{deep}")), None).unwrap_err();
    assert!(error.contains("tags within tags"), "{error}");
    let names = format!(
        "<workbook><sheets>{}",
        format!("<sheet name=\"{}\"/>", "n".repeat(900_000)).repeat(20)
    );
    let error = rows(archive(&[("xl/workbook.xml", &names), ("x", &pad)]), None).unwrap_err();
    assert!(error.contains("unfolds"), "{error}");
}

#[test]
fn a_directory_of_too_many_files_is_not_unpacked() {
    let mut file = book(SHEET);
    file.splice(0..0, b"PK\x01\x02".repeat(20_001));
    let error = rows(file, None).unwrap_err();
    assert!(error.contains("too many files"), "{error}");
}
