//! Between rows and secrets.

use crate::codec::parse;
use crate::entity::{data_keys, secrets};
use groundswell_domain::StoreError;
use groundswell_domain::secrets::{DataKey, Holder, Sealed, Secret, Stored, WrappedKey};
use uuid::Uuid;

pub(super) fn secret(row: secrets::Model) -> Result<Secret, StoreError> {
    let holder = match (row.user_id, row.client_id) {
        (Some(user), _) => Holder::User(user.into()),
        (None, Some(client)) => Holder::Client(client.into()),
        (None, None) => Holder::Organization,
    };
    Ok(Secret {
        id: row.id.into(),
        holder,
        service: parse("secrets.service", &row.service)?,
        last4: row.last4,
        created_by: row.created_by.map(Into::into),
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn row(organization: Uuid, secret: &Secret, sealed: &Sealed) -> secrets::Model {
    secrets::Model {
        organization_id: organization,
        id: secret.id.0,
        user_id: secret.holder.user().map(Into::into),
        client_id: secret.holder.client().map(Into::into),
        service: secret.service.as_str().to_owned(),
        sealed: sealed.bytes.clone(),
        key_version: sealed.key_version,
        last4: secret.last4.clone(),
        created_by: secret.created_by.map(Into::into),
        created_at: secret.created_at,
        updated_at: secret.updated_at,
        version: secret.version,
    }
}

pub(super) fn stored(mut row: secrets::Model, key: data_keys::Model) -> Result<Stored, StoreError> {
    let sealed = Sealed {
        key_version: row.key_version,
        bytes: std::mem::take(&mut row.sealed),
    };
    Ok(Stored {
        secret: secret(row)?,
        sealed,
        key: data_key(key).key,
    })
}

pub(super) fn data_key(row: data_keys::Model) -> DataKey {
    DataKey {
        key: WrappedKey {
            version: row.version,
            master: row.master,
            bytes: row.bytes,
        },
        created_at: row.created_at,
    }
}
