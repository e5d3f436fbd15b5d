//! What a site runs on, by the traces that it leaves. To add one: a line in the table of its kind.

use super::Page;
use std::collections::BTreeSet;

/// Beginnings of `<meta name="generator">`, in lower case.
const GENERATORS: &[(&str, &str)] = &[
    ("wordpress", "WordPress"),
    ("woocommerce", "WooCommerce"),
    ("joomla", "Joomla"),
    ("drupal", "Drupal"),
    ("typo3", "TYPO3"),
    ("wix.com", "Wix"),
    ("squarespace", "Squarespace"),
    ("shopify", "Shopify"),
    ("hubspot", "HubSpot CMS"),
    ("webflow", "Webflow"),
    ("ghost", "Ghost"),
    ("hugo", "Hugo"),
    ("jekyll", "Jekyll"),
    ("gatsby", "Gatsby"),
    ("next.js", "Next.js"),
    ("nuxt", "Nuxt"),
    ("prestashop", "PrestaShop"),
    ("magento", "Magento"),
    ("contao", "Contao"),
    ("concrete", "Concrete CMS"),
    ("craft cms", "Craft CMS"),
    ("astro", "Astro"),
    ("docusaurus", "Docusaurus"),
    ("elementor", "Elementor"),
    ("jimdo", "Jimdo"),
    ("weebly", "Weebly"),
    ("sitecore", "Sitecore"),
    ("framer", "Framer"),
    ("neos", "Neos"),
    ("shopware", "Shopware"),
    ("blogger", "Blogger"),
];

/// Parts of the addresses of what a page loads.
const RESOURCES: &[(&str, &str)] = &[
    ("/wp-content/", "WordPress"),
    ("/wp-includes/", "WordPress"),
    ("/plugins/woocommerce/", "WooCommerce"),
    ("/plugins/elementor/", "Elementor"),
    ("cdn.shopify.com", "Shopify"),
    ("static.wixstatic.com", "Wix"),
    ("static.parastorage.com", "Wix"),
    ("squarespace.com/", "Squarespace"),
    ("/typo3temp/", "TYPO3"),
    ("/sites/default/files/", "Drupal"),
    ("/_next/", "Next.js"),
    ("/_nuxt/", "Nuxt"),
    ("assets.website-files.com", "Webflow"),
    ("cdn.prod.website-files.com", "Webflow"),
    ("/bundles/storefront/", "Shopware"),
    ("googletagmanager.com/gtm.js", "Google Tag Manager"),
    ("googletagmanager.com/gtag", "Google Analytics"),
    ("google-analytics.com", "Google Analytics"),
    ("googleads.g.doubleclick.net", "Google Ads"),
    ("googleadservices.com", "Google Ads"),
    ("connect.facebook.net", "Meta Pixel"),
    ("snap.licdn.com", "LinkedIn Insight"),
    ("bat.bing.com", "Microsoft Ads"),
    ("analytics.tiktok.com", "TikTok Pixel"),
    ("clarity.ms", "Microsoft Clarity"),
    ("static.hotjar.com", "Hotjar"),
    ("matomo", "Matomo"),
    ("plausible.io", "Plausible"),
    ("cdn.segment.com", "Segment"),
    ("cdn.mxpnl.com", "Mixpanel"),
    ("cdn.amplitude.com", "Amplitude"),
    ("posthog.com", "PostHog"),
    ("js.hs-scripts.com", "HubSpot"),
    ("js.hsforms.net", "HubSpot"),
    ("js.hs-analytics.net", "HubSpot"),
    ("pardot.com", "Pardot"),
    ("marketo.net", "Marketo"),
    ("mktoresp.com", "Marketo"),
    ("chimpstatic.com", "Mailchimp"),
    ("list-manage.com", "Mailchimp"),
    ("static.klaviyo.com", "Klaviyo"),
    ("activehosted.com", "ActiveCampaign"),
    ("sibforms.com", "Brevo"),
    ("widget.intercom.io", "Intercom"),
    ("js.driftt.com", "Drift"),
    ("static.zdassets.com", "Zendesk"),
    ("embed.tawk.to", "tawk.to"),
    ("client.crisp.chat", "Crisp"),
    ("calendly.com", "Calendly"),
    ("js.stripe.com", "Stripe"),
    ("paypal.com/sdk", "PayPal"),
    ("consent.cookiebot.com", "Cookiebot"),
    ("cdn.cookielaw.org", "OneTrust"),
    ("usercentrics.eu", "Usercentrics"),
    ("challenges.cloudflare.com", "Cloudflare Turnstile"),
    ("google.com/recaptcha", "reCAPTCHA"),
    ("hcaptcha.com", "hCaptcha"),
    ("fonts.googleapis.com", "Google Fonts"),
    ("js.sentry-cdn.com", "Sentry"),
    ("browser.sentry-cdn.com", "Sentry"),
    ("cdn.jsdelivr.net/npm/bootstrap", "Bootstrap"),
    ("player.vimeo.com", "Vimeo"),
    ("youtube.com/embed", "YouTube"),
    ("salesforce.com", "Salesforce"),
    ("zoho.", "Zoho"),
    ("optimizely.com", "Optimizely"),
    ("visualwebsiteoptimizer.com", "VWO"),
];

/// Headers and parts of their values, in lower case; an empty part for any value.
const HEADERS: &[(&str, &str, &str)] = &[
    ("server", "nginx", "nginx"),
    ("server", "apache", "Apache"),
    ("server", "cloudflare", "Cloudflare"),
    ("server", "microsoft-iis", "IIS"),
    ("server", "vercel", "Vercel"),
    ("server", "netlify", "Netlify"),
    ("server", "litespeed", "LiteSpeed"),
    ("server", "github.com", "GitHub Pages"),
    ("x-powered-by", "php", "PHP"),
    ("x-powered-by", "asp.net", "ASP.NET"),
    ("x-powered-by", "express", "Express"),
    ("x-powered-by", "next.js", "Next.js"),
    ("x-generator", "drupal", "Drupal"),
    ("x-shopify-stage", "", "Shopify"),
    ("x-shopid", "", "Shopify"),
    ("x-wix-request-id", "", "Wix"),
    ("x-hs-hub-id", "", "HubSpot CMS"),
    ("x-drupal-cache", "", "Drupal"),
    ("cf-ray", "", "Cloudflare"),
    ("x-vercel-id", "", "Vercel"),
    ("x-amz-cf-id", "", "CloudFront"),
    ("x-served-by", "cache-", "Fastly"),
    ("x-litespeed-cache", "", "LiteSpeed"),
];

/// Names of products, each once and in order. `headers` are those of the answer, with names in lower case.
pub fn technologies(page: &Page, headers: &[(String, String)]) -> Vec<String> {
    let mut found = BTreeSet::new();
    if let Some(generator) = &page.generator {
        let generator = generator.to_lowercase();
        let named = GENERATORS
            .iter()
            .filter(|(start, _)| generator.starts_with(start));
        found.extend(named.map(|(_, name)| *name));
    }
    for resource in &page.resources {
        let address = resource.to_lowercase();
        let named = RESOURCES.iter().filter(|(part, _)| address.contains(part));
        found.extend(named.map(|(_, name)| *name));
    }
    for (name, value) in headers {
        let value = value.to_lowercase();
        let named = HEADERS
            .iter()
            .filter(|(header, part, _)| header == name && value.contains(part));
        found.extend(named.map(|(_, _, name)| *name));
    }
    found.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_name_products_once() {
        let page = Page {
            generator: Some("WordPress 6.6".into()),
            resources: vec![
                "/wp-content/themes/x.css".into(),
                "https://JS.hs-scripts.com/1.js".into(),
                "https://www.googletagmanager.com/gtag/js?id=G-1".into(),
            ],
            ..Page::default()
        };
        let headers = [
            ("server".to_owned(), "nginx/1.27".to_owned()),
            ("cf-ray".to_owned(), "1".to_owned()),
        ];
        assert_eq!(
            technologies(&page, &headers),
            ["Cloudflare", "Google Analytics", "HubSpot", "WordPress", "nginx"]
        );
        assert!(technologies(&Page::default(), &[]).is_empty());
    }

    #[test]
    fn tables_are_in_lower_case() {
        let parts = RESOURCES.iter().chain(GENERATORS).map(|(part, _)| *part);
        for part in parts.chain(HEADERS.iter().flat_map(|(name, part, _)| [*name, *part])) {
            assert_eq!(part, part.to_lowercase());
        }
    }
}
