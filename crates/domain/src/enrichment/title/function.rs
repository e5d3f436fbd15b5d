//! Which line of work.

use super::super::Confidence;
use super::pattern::is_in;

crate::text_enum::text_enum! {
    /// A line of work, as departments are named.
    JobFunction {
        Marketing => "marketing",
        Sales => "sales",
        Support => "support",
        Product => "product",
        Design => "design",
        Data => "data",
        It => "it",
        Engineering => "engineering",
        Finance => "finance",
        Hr => "hr",
        Legal => "legal",
        Purchasing => "purchasing",
        Operations => "operations",
        Consulting => "consulting",
        Research => "research",
        /// Founders, owners and those who run the whole.
        Executive => "executive",
    }
}

use JobFunction::{
    Consulting, Data, Design, Engineering, Executive, Finance, Hr, It, Legal, Marketing, Operations, Product,
    Purchasing, Research, Sales, Support,
};

/// Of the patterns that fit the one with most words decides ("product marketing" over "product"), then the first.
#[rustfmt::skip]
const RULES: &[(JobFunction, &[&str])] = &[
    (Marketing, &[
        "cmo", "marketing", "marketing*", "*marketing", "growth", "brand", "branding", "seo", "sem", "sea",
        "content", "social media", "communications", "communication", "kommunikation*",
        "unternehmenskommunikation", "public relations", "pr", "press", "presse*", "advertising", "werbung",
        "demand generation", "campaign*", "copywriter", "texter", "texterin", "community manager",
        "product marketing", "marketing operations", "event", "events", "comunicacion", "publicidad",
        "mercadeo", "mercadotecnia", "communicatie", "pubblicita", "chief marketing officer",
        "marketing analyst", "marketing data", "editor", "redakteur*", "chefredakteur*",
    ]),
    (Sales, &[
        "cro", "sales", "sales*", "account executive", "account manager", "key account",
        "key account manager", "business development", "bdr", "sdr", "sales engineer", "sales operations",
        "sales manager", "pre sales", "presales", "vertrieb*", "aussendienst*", "innendienst*", "verkauf*",
        "verkaufer*", "commercial", "commerciale", "ventes", "vente", "vendeur", "vendeuse",
        "technico commercial", "comercial", "ventas", "vendedor", "vendedora", "vendite", "venditore",
        "verkoop", "verkoper", "revenue", "chief revenue officer", "partnerships", "vendas", "forsaljning",
        "sales support", "ingenieur commercial", "sprzedazy",
    ]),
    (Support, &[
        "support", "customer success", "customer support", "customer service", "customer care",
        "technical support", "technical support engineer", "it support", "help desk", "helpdesk",
        "service desk", "kundenservice", "kundenbetreu*", "kundendienst", "kundenberater*",
        "service client", "relation client", "relations clients", "atencion al cliente",
        "servicio al cliente", "assistenza clienti", "klantenservice", "customer success manager",
        "customer experience",
    ]),
    (Product, &[
        "product", "cpo", "product owner", "product manager", "product management", "produktmanag*",
        "produktmanager*", "chef de produit", "chef de produits", "producto", "prodotto", "produto",
        "chief product officer", "productmanager", "produit",
    ]),
    (Design, &[
        "design", "designer*", "ux", "ui", "user experience", "creative", "art director",
        "creative director", "graphic*", "grafik*", "gestalter*", "graphiste", "disenador*", "diseno",
        "grafico", "illustrator", "directeur artistique", "ux designer", "product designer",
        "product design", "director creativo",
    ]),
    (Data, &[
        "data", "data scientist", "data engineer", "data analyst", "data science", "analytics",
        "business intelligence", "bi", "statistician", "datos", "donnees", "machine learning",
        "machine learning engineer", "cdo", "daten*", "chief data officer", "data architect", "data owner",
    ]),
    (It, &[
        "it", "cio", "ciso", "dsi", "information technology", "information security", "informatik*",
        "informatique", "informatica", "edv", "system administrator", "systems administrator", "sysadmin",
        "systemadministrator*", "network engineer", "netzwerk*", "administrateur systeme", "cyber*",
        "security engineer", "systemes d information", "sistemas", "infrastructure",
        "chief information officer", "chief information security officer", "it manager",
        "tecnologias de la informacion", "security analyst",
    ]),
    (Engineering, &[
        "cto", "engineer", "engineering", "developer", "development manager", "software",
        "software development", "programmer", "devops", "sre", "qa", "quality assurance", "frontend",
        "backend", "full stack", "fullstack", "tech lead", "architect", "technology", "technical",
        "technical director", "ingenieur*", "entwickl*", "*entwickler", "*entwicklerin", "programmierer*",
        "softwarearchitekt*", "developpeur*", "developpeuse", "technique", "r d",
        "recherche et developpement", "desarroll*", "ingenier*", "tecnico", "programador*", "sviluppatore",
        "ingegnere", "ontwikkelaar", "technik", "technischer*", "chief technology officer",
        "chief technical officer", "konstrukteur*", "techniker*", "engenheir*", "desenvolvedor*",
        "inzynier", "technologie", "technicien*", "mechanic*", "electrical",
    ]),
    (Finance, &[
        "cfo", "finance", "financial", "finanz*", "accountant", "accounting", "accounts payable",
        "accounts receivable", "controller*", "controlling", "comptroller", "treasurer", "treasury",
        "buchhalt*", "finanzbuchhalt*", "steuerberater*", "tax", "audit", "auditor", "internal auditor",
        "financier", "financiere", "daf", "comptable", "comptabilite", "controle de gestion",
        "controleur de gestion", "finanzas", "financiero", "financiera", "contable", "contador*",
        "contabilidad", "finanza", "contabile", "boekhouder", "chief financial officer",
        "kaufmannischer leiter", "kaufmannische leit*", "investment", "investor relations", "bookkeeper",
        "rechnungswesen", "amministrativo", "ksiegow*",
    ]),
    (Hr, &[
        "hr", "human resources", "people", "people operations", "talent", "talent acquisition", "recruit*",
        "recruiter", "personal*", "personalwesen", "personalleit*", "personalreferent*", "drh", "rh",
        "ressources humaines", "recursos humanos", "rrhh", "risorse umane", "chro", "chief people officer",
        "chief human resources officer", "hr business partner", "personeelszaken", "recrut*", "training",
        "learning and development", "payroll", "lohnbuchhalt*", "hr manager", "head of people",
    ]),
    (Legal, &[
        "legal", "lawyer", "attorney", "counsel", "general counsel", "solicitor", "paralegal", "compliance",
        "privacy", "data protection officer", "jurist*", "rechtsanwalt*", "rechtsanwaltin", "recht",
        "datenschutzbeauftragte*", "syndikus*", "juridique", "avocat", "avocate", "juriste", "notaire",
        "abogad*", "legale", "avvocato", "advocaat", "clo", "chief legal officer", "notar*",
    ]),
    (Purchasing, &[
        "purchasing", "procurement", "buyer", "buying", "sourcing", "einkauf*", "einkaufer*",
        "beschaffung*", "achats", "acheteur", "acheteuse", "compras", "comprador*", "acquisti", "inkoop",
        "inkoper", "category manager", "supply manager",
    ]),
    (Operations, &[
        "coo", "operations", "operational", "logistics", "supply chain", "warehouse", "production",
        "manufacturing", "plant manager", "office manager", "facility", "facilities", "administration",
        "administrative", "executive assistant", "personal assistant", "assistenz der geschaftsfuhrung",
        "assistentin der geschaftsfuhrung", "assistent der geschaftsfuhrung", "assistante de direction",
        "asistente de direccion", "project manager", "program manager", "pmo", "quality manager",
        "logistik*", "produktion*", "betriebsleit*", "werkleit*", "werksleit*", "projektleit*",
        "projektmanag*", "lager*", "verwaltung*", "sekretar*", "buroleit*", "vorstandsassist*",
        "logistique", "operations manager", "chef de projet", "cheffe de projet", "exploitation",
        "logistica", "operaciones", "produccion", "jefe de proyecto", "operacoes", "operazioni",
        "produzione", "chief operating officer", "store manager", "filialleit*", "receptionist",
        "secretary", "scrum master", "chief of staff", "assistant to the ceo", "qualitatsmanag*", "office",
    ]),
    (Consulting, &[
        "consultant", "consulting", "berater*", "unternehmensberater*", "advisor", "adviser", "consultor*",
        "consulente", "conseil", "conseiller", "adviseur", "advisory", "consultante",
    ]),
    (Research, &[
        "research", "researcher", "scientist", "wissenschaft*", "forsch*", "chercheur", "chercheuse",
        "investigador*", "ricercatore", "professor", "professorin", "onderzoeker", "laboratory",
        "doktorand*",
    ]),
    (Executive, &[
        "ceo", "founder", "cofounder", "owner", "proprietor", "president", "chairman", "chairwoman",
        "chair", "managing director", "managing partner", "general manager", "board", "partner",
        "entrepreneur", "country manager", "chief executive", "chief executive officer",
        "executive director", "geschaftsfuhr*", "geschaftsleit*", "inhaber*", "geschaftsinhaber*",
        "eigentumer*", "grunder*", "mitgrunder*", "vorstand*", "unternehmer*", "prokurist*", "pdg",
        "directeur general", "directrice generale", "fondateur", "fondatrice", "cofondateur",
        "cofondatrice", "gerant", "gerante", "dirigeant", "dirigeante", "proprietaire", "director general",
        "directora general", "director ejecutivo", "consejero delegado", "consejera delegada",
        "gerente general", "fundador", "fundadora", "cofundador*", "propietari*", "dueno", "duena", "socio",
        "socia", "presidente", "presidenta", "empresari*", "amministratore delegato",
        "amministratore unico", "titolare", "fondatore", "diretor geral", "eigenaar", "oprichter",
        "prezes*", "selbststandig*", "gesellschafter*", "vd",
    ]),
];

pub(super) fn of(words: &[String]) -> Option<(JobFunction, Confidence)> {
    let mut best: Option<(usize, JobFunction)> = None;
    for (function, patterns) in RULES {
        let fitting = patterns.iter().filter(|pattern| is_in(pattern, words));
        let length = fitting.map(|pattern| pattern.split(' ').count()).max();
        if let Some(length) = length
            && best.is_none_or(|(longest, _)| length > longest)
        {
            best = Some((length, *function));
        }
    }
    best.map(|(length, function)| (function, Confidence::percent(if length > 1 { 90 } else { 80 })))
}
