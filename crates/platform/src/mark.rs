//! The mark of the mail ledger: a small file beside the database and not in it.

use async_trait::async_trait;
use groundswell_domain::email::{LedgerMark, Mark};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub struct FileMark {
    path: PathBuf,
}

impl FileMark {
    /// The file is made with the first mark, and its folder if it is missing.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        done.map_err(io::Error::other)
            .flatten()
            .map_err(|error| format!("the mark of the mail ledger, {}: {error}", self.path.display()))
    }
}

#[async_trait]
impl LedgerMark for FileMark {
    async fn read(&self) -> Result<Option<Mark>, String> {
        self.on_a_thread(|path| match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn write(&self, mark: Mark) -> Result<(), String> {
        self.on_a_thread(move |path| {
            let text = serde_json::to_vec(&mark).map_err(io::Error::other)?;
            if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
                let mut builder = fs::DirBuilder::new();
                builder.recursive(true);
                #[cfg(unix)]
                std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
                builder.create(folder)?;
            }
            // Put in place whole: half a mark would be none. Processes may share the folder.
            let new = path.with_extension(format!("{}.new", std::process::id()));
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, path)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    #[tokio::test]
    async fn the_last_mark_is_kept() {
        let folder = std::env::temp_dir().join(format!("groundswell-mark-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("ledger.mark");
        let file = FileMark::new(path.clone());
        assert_eq!(file.read().await.unwrap(), None);
        for seconds in [1, 2] {
            let mark = Mark {
                ledger: Uuid::from_u128(7).into(),
                at: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
            };
            file.write(mark).await.unwrap();
            assert_eq!(FileMark::new(path.clone()).read().await.unwrap(), Some(mark));
        }
        fs::write(&path, "{").unwrap();
        assert!(file.read().await.unwrap_err().contains("ledger.mark"));
        fs::remove_dir_all(&folder).unwrap();
        let mark = Mark {
            ledger: Uuid::nil().into(),
            at: DateTime::UNIX_EPOCH,
        };
        file.write(mark).await.unwrap();
        assert_eq!(file.read().await.unwrap(), Some(mark), "the folder is made");
        fs::remove_dir_all(&folder).unwrap();
    }
}
