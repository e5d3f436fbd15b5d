//! Projects of clients. Who may see and change clients may see and change their projects.

mod commands;
mod manage;

pub use commands::{NewProject, ProjectPatch};
pub use manage::{
    create_project, delete_project, get_project, list_projects, replace_project, update_project,
};
