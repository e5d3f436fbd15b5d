//! What a column of a file is likely to hold: by its name in several languages, and by the looks of its cells.

use groundswell_domain::email::EmailAddress;

/// Names that columns have in files people bring, and the field that is meant. Letters and digits only, in lower case.
const SYNONYMS: [(&str, &[&str]); 10] = [
    (
        "email",
        &[
            "email",
            "emails",
            "mail",
            "emailaddress",
            "mailaddress",
            "emailadresse",
            "mailadresse",
            "email1",
            "primaryemail",
            "workemail",
            "contactemail",
            "correo",
            "correoelectrónico",
            "correoelectronico",
            "courriel",
            "adressemail",
            "adresseemail",
            "adresseélectronique",
            "emailadres",
            "postaelettronica",
            "indirizzoemail",
            "epost",
            "epostadresse",
            "адресэлектроннойпочты",
            "メール",
            "メールアドレス",
            "电子邮件",
            "邮箱",
        ],
    ),
    (
        "name",
        &[
            "name",
            "fullname",
            "contact",
            "contactname",
            "nombre",
            "nombrecompleto",
            "nom",
            "nomcomplet",
            "leadname",
            "nome",
            "nomecompleto",
            "nomecognome",
            "naam",
            "vollername",
            "ansprechpartner",
            "kontakt",
            "имя",
            "氏名",
            "姓名",
        ],
    ),
    (
        "first_name",
        &[
            "firstname",
            "vorname",
            "givenname",
            "prenom",
            "prénom",
            "primernombre",
            "voornaam",
            "primeironome",
            "forename",
        ],
    ),
    (
        "last_name",
        &[
            "lastname",
            "surname",
            "nachname",
            "familyname",
            "familienname",
            "apellido",
            "apellidos",
            "nomdefamille",
            "cognome",
            "achternaam",
            "sobrenome",
        ],
    ),
    (
        "phone",
        &[
            "phone",
            "phonenumber",
            "telephone",
            "telephonenumber",
            "tel",
            "mobile",
            "mobilephone",
            "cell",
            "cellphone",
            "telefon",
            "telefonnummer",
            "handy",
            "handynummer",
            "mobil",
            "rufnummer",
            "telefono",
            "teléfono",
            "móvil",
            "téléphone",
            "portable",
            "telefoonnummer",
            "telefoon",
            "telefone",
            "celular",
            "cellulare",
            "телефон",
            "電話番号",
        ],
    ),
    (
        "company",
        &[
            "company",
            "companyname",
            "organization",
            "organisation",
            "organizationname",
            "organisationname",
            "employer",
            "business",
            "firma",
            "firmenname",
            "unternehmen",
            "account",
            "accountname",
            "empresa",
            "compañía",
            "société",
            "societe",
            "entreprise",
            "azienda",
            "società",
            "bedrijf",
            "bedrijfsnaam",
            "компания",
            "会社名",
            "公司",
        ],
    ),
    (
        "title",
        &[
            "title",
            "jobtitle",
            "position",
            "role",
            "job",
            "funktion",
            "berufsbezeichnung",
            "cargo",
            "puesto",
            "fonction",
            "poste",
            "functie",
            "ruolo",
            "qualifica",
            "должность",
            "役職",
            "职位",
        ],
    ),
    (
        "tags",
        &[
            "tags",
            "tag",
            "labels",
            "label",
            "etiquetas",
            "étiquettes",
            "schlagworte",
            "etichette",
        ],
    ),
    ("status", &["status", "leadstatus", "estado", "statut", "stato"]),
    (
        "source",
        &[
            "source",
            "leadsource",
            "quelle",
            "herkunft",
            "origen",
            "fuente",
            "origine",
            "bron",
            "fonte",
        ],
    ),
];

/// Columns of our own export that are not for writing.
const OURS: [&str; 10] = [
    "id",
    "stage",
    "score_total",
    "score_fit",
    "score_engagement",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "created_at",
    "updated_at",
];

/// A field, as a mapping names it, and how sure that is: 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Guess {
    pub field: String,
    pub confidence: f32,
}

fn guess(field: impl Into<String>, confidence: f32) -> Guess {
    Guess {
        field: field.into(),
        confidence,
    }
}

/// By the name of the column alone; unknown columns become custom fields.
pub(super) fn by_name(column: &str) -> Guess {
    let plain: String = column
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if let Some((field, _)) = SYNONYMS.iter().find(|(_, names)| names.contains(&plain.as_str())) {
        return guess(*field, 1.0);
    }
    let lower = column.trim().to_lowercase();
    if OURS.contains(&lower.as_str()) {
        return guess("ignore", 1.0);
    }
    if plain.is_empty() {
        return guess("ignore", 0.5);
    }
    if lower == "custom_fields" {
        return guess("custom_fields", 1.0);
    }
    let key: String = lower
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .take(100)
        .collect();
    guess(format!("custom:{key}"), 0.5)
}

/// By what the cells look like, where a name says nothing.
pub(super) fn by_looks<'a>(cells: impl Iterator<Item = &'a str>) -> Option<Guess> {
    let (mut all, mut mails, mut phones) = (0_usize, 0_usize, 0_usize);
    for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
        all += 1;
        mails += usize::from(is_address(cell));
        phones += usize::from(is_phone(cell));
    }
    let most = |count: usize| all > 0 && count * 5 >= all * 4;
    if most(mails) {
        Some(guess("email", 0.9))
    } else if most(phones) {
        Some(guess("phone", 0.6))
    } else {
        None
    }
}

pub(super) fn is_address(cell: &str) -> bool {
    cell.contains('@') && cell.trim().parse::<EmailAddress>().is_ok()
}

/// At least seven digits, and nothing but what stands between those of a number; more than ten only after a plus or a zero.
fn is_phone(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let fine = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '/' | '(' | ')' | '.');
    let is_marked = cell.starts_with(['+', '0', '(']) || cell.contains([' ', '-', '/']);
    (7..=15).contains(&digits) && is_marked && cell.chars().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_several_languages() {
        for (column, field) in [
            ("E-Mail", "email"),
            ("Correo electrónico", "email"),
            ("COURRIEL", "email"),
            ("Prénom", "first_name"),
            ("Nachname", "last_name"),
            ("Téléphone", "phone"),
            ("Firma", "company"),
            ("Organisation", "company"),
            ("メールアドレス", "email"),
            ("utm_source", "ignore"),
            ("", "ignore"),
            ("Lieblings-Farbe", "custom:lieblings_farbe"),
        ] {
            assert_eq!(by_name(column).field, field, "{column}");
        }
    }

    #[test]
    fn looks_tell_addresses_and_numbers() {
        let field = |cells: &[&'static str]| by_looks(cells.iter().copied()).map(|guess| guess.field);
        assert_eq!(
            field(&["a@b.example", "", "c@d.example"]),
            Some("email".to_owned())
        );
        assert_eq!(field(&["+49 30 123456", "030/1234567"]), Some("phone".to_owned()));
        assert_eq!(field(&["2027-02-01", "1234567", "Berlin"]), None);
        assert_eq!(field(&[]), None);
    }
}
