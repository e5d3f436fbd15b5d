//! Providers whose addresses anybody can have: their domain says nothing of where somebody works.

/// In order, so that a search can halve it.
#[rustfmt::skip]
const FREE_MAIL: [&str; 431] = [
    "012.net.il", "126.com", "139.com", "163.com", "189.cn", "1und1.de", "21cn.com", "263.net",
    "9online.fr", "a1.net", "abv.bg", "aim.com", "alice-dsl.de", "alice.it", "aliceadsl.fr", "aliyun.com",
    "ameritech.net", "aol.co.uk", "aol.com", "aol.de", "aol.fr", "aon.at", "arcor.de", "atlas.cz",
    "att.net", "autorambler.ru", "azet.sk", "bbox.fr", "bell.net", "bellsouth.net", "biglobe.ne.jp",
    "bigmir.net", "bigpond.com", "bigpond.net.au", "bk.ru", "bluewin.ch", "blueyonder.co.uk", "bol.com.br",
    "bredband.net", "broadpark.no", "btinternet.com", "btopenworld.com", "caramail.com", "casema.nl",
    "centrum.cz", "centrum.sk", "charter.net", "chello.at", "chello.nl", "citromail.hu", "clix.pt",
    "club-internet.fr", "comcast.net", "comhem.se", "consultant.com", "cox.net", "ctemplar.com", "daum.net",
    "dir.bg", "disroot.org", "docomo.ne.jp", "duck.com", "earthlink.net", "eircom.net", "elisanet.fi",
    "email.com", "email.cz", "email.de", "email.it", "engineer.com", "europe.com", "excite.co.jp",
    "excite.com", "ezweb.ne.jp", "fastmail.com", "fastmail.fm", "fastwebnet.it", "fibertel.com.ar",
    "forthnet.gr", "foxmail.com", "free.fr", "freemail.hu", "freenet.de", "frisurf.no", "frontier.com",
    "frontiernet.net", "games.com", "gazeta.pl", "globo.com", "globomail.com", "gmail.com", "gmx.at",
    "gmx.ch", "gmx.co.uk", "gmx.com", "gmx.de", "gmx.es", "gmx.eu", "gmx.fr", "gmx.info", "gmx.net",
    "gmx.org", "gmx.us", "google-mail.com", "googlemail.com", "hanmail.net", "hanmir.com", "hetnet.nl",
    "hey.com", "hispeed.ch", "home.nl", "hot.ee", "hotmail.be", "hotmail.ca", "hotmail.ch", "hotmail.co.jp",
    "hotmail.co.uk", "hotmail.com", "hotmail.com.ar", "hotmail.com.br", "hotmail.com.co", "hotmail.com.mx",
    "hotmail.de", "hotmail.dk", "hotmail.es", "hotmail.fr", "hotmail.gr", "hotmail.it", "hotmail.nl",
    "hotmail.no", "hotmail.se", "hush.com", "hushmail.com", "i.softbank.jp", "i.ua", "icloud.com",
    "ig.com.br", "iinet.net.au", "in.com", "in.gr", "inbox.com", "inbox.lt", "inbox.lv", "inbox.ru",
    "indamail.hu", "indiatimes.com", "interia.eu", "interia.pl", "internet.ru", "internode.on.net",
    "inwind.it", "iol.it", "iol.pt", "jubii.dk", "juno.com", "kabelmail.de", "kakao.com", "keemail.me",
    "kolumbus.fi", "kpnmail.nl", "laposte.net", "lavabit.com", "lenta.ru", "libero.it", "list.ru",
    "live.at", "live.be", "live.ca", "live.cn", "live.co.uk", "live.com", "live.com.au", "live.com.mx",
    "live.com.pt", "live.de", "live.dk", "live.fr", "live.ie", "live.it", "live.nl", "live.no", "live.ru",
    "live.se", "love.com", "luukku.com", "lycos.com", "mac.com", "mail.bg", "mail.com", "mail.de",
    "mail.dk", "mail.ee", "mail.pt", "mail.ru", "mailbox.org", "mailfence.com", "me.com", "meta.ua",
    "mindspring.com", "movistar.es", "mozmail.com", "msn.com", "mts.net", "mweb.co.za", "mynet.com",
    "myself.com", "myyahoo.com", "nate.com", "naver.com", "netcologne.de", "netvision.net.il",
    "netzero.net", "neuf.fr", "nifty.com", "ntlworld.com", "numericable.fr", "o2.co.uk", "o2.pl",
    "o2online.de", "ocn.ne.jp", "ofir.dk", "oi.com.br", "onet.eu", "onet.pl", "online.de", "online.no",
    "ono.com", "op.pl", "optonline.net", "optusnet.com.au", "orange.fr", "otenet.gr", "outlook.at",
    "outlook.be", "outlook.cl", "outlook.co.id", "outlook.com", "outlook.com.ar", "outlook.com.au",
    "outlook.com.br", "outlook.com.tr", "outlook.cz", "outlook.de", "outlook.dk", "outlook.es",
    "outlook.fr", "outlook.ie", "outlook.in", "outlook.it", "outlook.jp", "outlook.kr", "outlook.pt",
    "outlook.sa", "outlook.sk", "pacbell.net", "pandora.be", "passport.com", "planet.nl", "pm.me",
    "poczta.fm", "poczta.onet.pl", "post.com", "post.cz", "post.sk", "posteo.de", "posteo.eu", "posteo.net",
    "prodigy.net.mx", "proton.me", "protonmail.ch", "protonmail.com", "proximus.be", "pt.lu", "qq.com",
    "quicknet.nl", "r7.com", "rambler.ru", "rediff.com", "rediffmail.com", "relay.firefox.com",
    "riseup.net", "ro.ru", "roadrunner.com", "rocketmail.com", "rogers.com", "rr.com", "runbox.com",
    "sapo.pt", "sasktel.net", "saunalahti.fi", "sbcglobal.net", "scarlet.be", "seznam.cz", "sfr.fr",
    "shaw.ca", "sify.com", "sina.cn", "sina.com", "skiff.com", "sky.com", "skynet.be", "so-net.ne.jp",
    "softbank.ne.jp", "sohu.com", "spectrum.net", "spray.se", "startmail.com", "stofanet.dk", "sunrise.ch",
    "suomi24.fi", "superonline.com", "swbell.net", "swissonline.ch", "sympatico.ca", "t-online.de",
    "talk21.com", "talktalk.net", "tdcadsl.dk", "telefonica.net", "telenet.be", "telfort.nl", "telia.com",
    "telkomsa.net", "telus.net", "terra.cl", "terra.com", "terra.com.br", "terra.es", "tim.it", "tin.it",
    "tiscali.co.uk", "tiscali.it", "tlen.pl", "tom.com", "tpg.com.au", "tuta.com", "tuta.io",
    "tutamail.com", "tutanota.com", "tutanota.de", "ukr.net", "unitybox.de", "uol.com.br", "upcmail.nl",
    "usa.com", "utanet.at", "verizon.net", "videotron.ca", "vip.163.com", "vip.qq.com", "vip.sina.com",
    "virgilio.it", "virgin.net", "virginmedia.com", "vodafone.de", "vodamail.co.za", "voila.fr", "volny.cz",
    "vp.pl", "vsnl.net", "walla.co.il", "walla.com", "wanadoo.es", "wanadoo.fr", "web.de", "webmail.co.za",
    "windowslive.com", "windstream.net", "wow.com", "wp.pl", "xs4all.nl", "xtra.co.nz", "ya.com", "ya.ru",
    "yahoo.at", "yahoo.be", "yahoo.ca", "yahoo.cn", "yahoo.co.id", "yahoo.co.in", "yahoo.co.jp",
    "yahoo.co.kr", "yahoo.co.nz", "yahoo.co.th", "yahoo.co.uk", "yahoo.co.za", "yahoo.com", "yahoo.com.ar",
    "yahoo.com.au", "yahoo.com.br", "yahoo.com.cn", "yahoo.com.hk", "yahoo.com.mx", "yahoo.com.my",
    "yahoo.com.ph", "yahoo.com.sg", "yahoo.com.tr", "yahoo.com.tw", "yahoo.com.vn", "yahoo.cz", "yahoo.de",
    "yahoo.dk", "yahoo.es", "yahoo.fi", "yahoo.fr", "yahoo.gr", "yahoo.hu", "yahoo.ie", "yahoo.in",
    "yahoo.it", "yahoo.nl", "yahoo.no", "yahoo.pl", "yahoo.pt", "yahoo.ro", "yahoo.se", "yandex.by",
    "yandex.com", "yandex.kz", "yandex.ru", "yandex.ua", "yeah.net", "ygm.com", "ymail.com", "ziggo.nl",
    "zipmail.com.br", "zoho.com", "zohomail.com", "zohomail.eu", "zonnet.nl", "zoznam.sk",
];

/// Whether mailboxes at this domain are given to anybody. Domains that only look like one are told apart by the whole name.
pub fn is_free_mail(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    FREE_MAIL.binary_search(&domain.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_is_found_in_any_case() {
        assert!(FREE_MAIL.is_sorted());
        for domain in FREE_MAIL {
            assert!(
                is_free_mail(domain) && is_free_mail(&domain.to_uppercase()),
                "{domain}"
            );
        }
        for company in [
            "example.com",
            "gmail.example.com",
            "mygmail.com",
            "sap.com",
            "",
            "com",
        ] {
            assert!(!is_free_mail(company), "{company}");
        }
    }
}
