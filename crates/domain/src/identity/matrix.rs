//! The permission table as people read it: `docs/permissions.md`.

use super::permission::Permission;
use super::role::Role;
use std::fmt::Write;

/// Markdown: a line per permission, a column per role.
pub fn permission_matrix() -> String {
    let mut text = String::from(
        "# Who may do what\n\n\
        Each line is a permission, and under the same name a scope that an API key can be limited to. A key never may more than its\n\
        owner. This page is made from the table in `crates/domain/src/identity/role.rs`, and a test compares it.\n\n",
    );
    let mut line = |cells: Vec<&str>| {
        // Writing into a text can't fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    };
    let heads = Role::ALL.iter().map(|role| role.as_str());
    line(std::iter::once("permission").chain(heads).collect());
    line(vec!["---"; Role::ALL.len() + 1]);
    for permission in Permission::ALL {
        let may = |role: &Role| {
            if role.permissions().contains(*permission) {
                "yes"
            } else {
                ""
            }
        };
        line(
            std::iter::once(permission.as_str())
                .chain(Role::ALL.iter().map(may))
                .collect(),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::permission_matrix;

    #[test]
    fn the_page_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md");
        let made = permission_matrix();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap();
        assert_eq!(page, made, "run this test again with UPDATE_DOCS=1");
    }
}
