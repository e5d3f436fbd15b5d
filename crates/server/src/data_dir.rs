//! The folder of what this process keeps itself.

use std::io;
use std::path::Path;

/// Makes the folder, for the owner's eyes only. One that exists is left as it is.
pub(crate) fn ensure(dir: &Path) -> Result<(), String> {
    let explain = |error: io::Error| format!("the data folder {} can't be made: {error}", dir.display());
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(explain)
}

/// Makes a file of the folder that only the owner can read; an existing one is narrowed.
pub(crate) fn narrow(file: &Path) -> Result<(), String> {
    #[cfg(unix)]
    if file.is_file() {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
            .map_err(|error| format!("the file {} can't be kept private: {error}", file.display()))?;
    }
    Ok(())
}
