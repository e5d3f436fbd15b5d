//! How senior.

use super::super::Confidence;
use super::pattern::is_in;

crate::text_enum::text_enum! {
    /// A rank, strongest first.
    Seniority {
        /// Runs the whole: founders, owners, boards, chief officers.
        CLevel => "c_level",
        Vp => "vp",
        Director => "director",
        Manager => "manager",
        Senior => "senior",
        Individual => "individual",
        Intern => "intern",
    }
}

use Seniority::{CLevel, Director, Individual, Intern, Manager, Senior, Vp};

/// The first line that fits decides, so exceptions stand before what they are exceptions from.
#[rustfmt::skip]
const RULES: &[(Seniority, u8, &[&str])] = &[
    // Who works for somebody of a rank does not have it.
    (Individual, 90, &[
        "assistant to *", "executive assistant", "personal assistant", "management assistant", "assistenz",
        "assistenz *", "vorstandsassist*", "direktionsassist*", "assistent der *", "assistentin der *",
        "assistente di direzione", "assistant de direction", "assistante de direction",
        "asistente de direccion", "secretaria de direccion", "secretary to *", "*sekretar", "*sekretarin",
        "referent", "referentin", "referent der *",
    ]),
    (Vp, 90, &[
        "assistant vice president", "associate vice president",
    ]),
    (Director, 85, &[
        "assistant director", "associate director", "deputy director",
    ]),
    (Manager, 75, &[
        "assistant manager", "assistant store manager",
    ]),
    (Intern, 95, &[
        "intern", "internship", "trainee", "apprentice", "apprenticeship", "student", "working student",
        "praktik*", "werkstudent*", "auszubildende*", "azubi", "volontar*", "stagiaire*", "stage",
        "alternant*", "alternance", "apprenti", "apprentie", "becari*", "practicante", "en practicas",
        "pasante", "stagista", "tirocinant*", "estagiari*", "stagiair", "stagist", "doktorand*",
    ]),
    (Vp, 95, &[
        "vp", "svp", "evp", "avp", "vice president*", "vizeprasident*", "vicepresident*", "vice presidente",
        "vice presidenta",
    ]),
    (Individual, 85, &[
        "product owner", "process owner", "business partner", "service owner", "data owner",
    ]),
    (Director, 85, &[
        "chief of staff", "editor in chief", "chefredakteur*", "general manager", "country manager",
        "country lead",
    ]),
    (CLevel, 90, &[
        "ceo", "cto", "cfo", "coo", "cmo", "cio", "ciso", "cpo", "cro", "chro", "cdo", "cso", "clo", "cco",
        "cxo", "gm and owner", "chief * officer", "chief * * officer", "chief * * * officer",
        "chief executive", "founder", "cofounder", "founding partner", "founders", "owner", "proprietor",
        "president", "chairman", "chairwoman", "chairperson", "chair", "board member",
        "member of the board", "managing director", "managing partner", "general partner", "senior partner",
        "equity partner", "entrepreneur", "self employed", "geschaftsfuhr*", "geschaftsleit*",
        "geschaftsinhaber*", "inhaber*", "eigentumer*", "grunder*", "mitgrunder*", "vorstand*",
        "generaldirektor*", "aufsichtsrat*", "selbststandig*", "unternehmer*", "prasident*",
        "gesellschafter*", "pdg", "dg", "dga", "directeur general", "directrice generale",
        "directeur generale", "president directeur general", "presidente", "presidenta", "fondateur",
        "fondatrice", "cofondateur", "cofondatrice", "gerant", "gerante", "dirigeant", "dirigeante",
        "proprietaire", "associe gerant", "chef d entreprise", "director general", "directora general",
        "consejero delegado", "consejera delegada", "director ejecutivo", "directora ejecutiva",
        "gerente general", "fundador", "fundadora", "cofundador*", "propietari*", "dueno", "duena", "socio",
        "socia", "socio director", "administrador unico", "administradora unica", "empresari*", "autonomo",
        "amministratore delegato", "amministratrice delegata", "amministratore unico", "titolare",
        "fondatore", "fondatrice", "diretor geral", "diretora geral", "eigenaar", "eigenaresse",
        "oprichter", "bestuurder", "directeur eigenaar", "prezes*", "vd", "verkstallande direktor",
    ]),
    (Director, 90, &[
        "director", "directors", "head of *", "head", "global head", "dean", "principal consultant",
        "executive director", "leiter", "leiterin", "leitung", "bereichsleit*", "hauptabteilungsleit*",
        "direktor*", "ressortleit*", "prokurist*", "vertriebsleit*", "marketingleit*", "personalleit*",
        "werkleit*", "werksleit*", "standortleit*", "niederlassungsleit*", "entwicklungsleit*",
        "produktionsleit*", "einkaufsleit*", "finanzleit*", "betriebsleit*", "verkaufsleit*",
        "*bereichsleiter", "*bereichsleiterin", "regionalleit*", "agenturleit*", "forschungsleit*",
        "kaufmannischer leiter", "it leit*", "directeur", "directrice", "daf", "drh", "dsi", "directora",
        "direttore", "direttrice", "diretor", "diretora", "dyrektor", "subdirector", "subdirectora",
        "hoofd", "chef de service", "chef de departement", "chief",
    ]),
    (Manager, 85, &[
        "team lead", "team leader", "teamlead", "teamleader", "group lead", "group leader", "lead of *",
        "supervisor", "foreman", "superintendent", "teamleit*", "gruppenleit*", "abteilungsleit*",
        "projektleit*", "filialleit*", "schichtleit*", "kuchenchef*", "meister", "*leiter", "*leiterin",
        "responsable", "responsabile", "chef de *", "chef d *", "chef", "cheffe de *", "gestionnaire",
        "encargad*", "jefe", "jefa", "gerente", "capo", "coordinatore", "kierownik", "teamchef",
        "supervisora", "superviseur", "superviseuse",
    ]),
    (Manager, 75, &[
        "manager", "managerin", "*manager", "*managerin", "mgr", "administrator of *",
    ]),
    (Senior, 85, &[
        "senior", "snr", "sr", "lead", "principal", "staff", "expert", "expertin", "fellow",
        "distinguished", "architect", "architekt*", "tech lead", "chefentwickler*", "leitende*", "oberarzt",
        "oberarztin", "confirme", "confirmee", "architecte", "arquitecto", "arquitecta", "professor",
        "professorin",
    ]),
    (Individual, 85, &[
        "junior", "jr", "associate", "assistant", "assistante", "assistent*", "asistente", "coordinator",
        "koordinator*", "coordinateur", "coordinatrice", "coordinador*", "specialist", "specialiste",
        "spezialist*", "especialista", "specialista", "analyst", "analyste", "analista", "representative",
        "clerk", "receptionist", "secretary", "sachbearbeit*", "mitarbeit*", "charge de *", "chargee de *",
        "angestellte*", "employe", "employee", "empleado", "auxiliar", "tecnico", "tecnica", "technicien*",
        "techniker*", "agent", "officer", "berater*", "freelance*",
    ]),
];

pub(super) fn of(words: &[String]) -> Option<(Seniority, Confidence)> {
    // "Partner" is a rank only where it stands alone.
    if let [only] = words
        && only == "partner"
    {
        return Some((CLevel, Confidence::percent(80)));
    }
    let found = RULES
        .iter()
        .find(|(_, _, patterns)| patterns.iter().any(|pattern| is_in(pattern, words)));
    found.map(|(seniority, percent, _)| (*seniority, Confidence::percent(*percent)))
}
