//! Keys that sign nothing but tests, made for them with Python's `cryptography`, and tokens signed with them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

pub fn rsa_jwk(kid: &str, modulus: &str) -> Value {
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": modulus, "e": "AQAB"})
}

pub fn ec_jwk(kid: &str) -> Value {
    json!({"kty": "EC", "use": "sig", "alg": "ES256", "kid": kid, "crv": "P-256", "x": EC_X, "y": EC_Y})
}

pub fn ed_jwk(kid: &str) -> Value {
    json!({"kty": "OKP", "use": "sig", "alg": "EdDSA", "kid": kid, "crv": "Ed25519", "x": ED_X})
}

/// `header` and `claims` as they are, signed by `algorithm`, whatever the header says.
pub fn sign(header: &Value, claims: &Value, algorithm: Algorithm, key: &EncodingKey) -> String {
    let text = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    let signature = jsonwebtoken::crypto::sign(text.as_bytes(), key, algorithm).unwrap();
    format!("{text}.{signature}")
}

/// The token with another character at this place.
pub fn flipped(token: &str, at: usize) -> String {
    let mut bytes = token.as_bytes().to_vec();
    bytes[at] ^= 1;
    String::from_utf8(bytes).unwrap()
}

/// PKCS#8, 2048 bits.
pub const RSA_FIRST_PEM: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCwawi6jcg/WsPW\n\
LAU0hzLBWQBe5PDzKJewavmGXPmDUFa68U0TIYoBGnR18k5jQ5UOtUixelpCmtr6\n\
rEEZ1fAHK7/3HfShM2/Y3yO0Azj88J5jxWw06VSQHqRHStPoVJ4g3diISgHTTP32\n\
JmskFv2QfcDaGsy1HIQAD03OIaCkvPQ8JY/qdPZsLCScMTpj/2F26KwyJv15nW0g\n\
s48wkyk5Mfy6u4Yv8mo2sYU5nfReoViEF5wmqoiO37zpKytP/MbaajDtO2dF7HL9\n\
EfNnIgQV+HOM72CY8JWaqojzRdvulZHgtWhFkCD2cnPXUFgH06xM3NMB0FeIYpPc\n\
dRxG9R5xAgMBAAECggEATLx54v+J8zjNR0sFhpgqNRy8AwrNXc8xz+xwFgg6Beq7\n\
lvwfvOsRRrKVproba6T5YJjtAjnIqgEGsBOeC5lZmxzmFpzCjB2+EFTbCFGAh9E3\n\
7AjzLL6zaC7T4SjErOGlmIE2zu12Bs2OB/QlFWEksSVp7dTLZxn8trPxcXCCGjVV\n\
QxaRo22Sl8WvmzuZVc7RR6npWc+DuL6z63uVlTydQNDRwBNoCgjTvZN0rmrBAUQX\n\
wZnSgZpB9gP+4IHHvZEzcItZEkzTNMUk98q7myOAFk3MgYsSoGE71OGSKd+tJ46F\n\
Rb5fdwejDVBvB6O3og+lChZhlur77BE2UT7fL7cw+wKBgQD5MiKR4bdDcpWVdbiJ\n\
OKXRu+hZhkdCiVFVEesbItwazYzxJGLW8KAs+UZgO2oLkznBeXSJs8cGyjLlKsmp\n\
hqeQwoV3CxNUJ36mngi4xDudC8L+9FZVEyfBHLmSipsG36K3VHRg8sSuD+LC95j2\n\
J07lFF7ECsXBtoIkckkXQgHQhwKBgQC1PC/OmFzfRtXIR6XRaOsMOd2iz4AcbXnP\n\
zwbNwGIMQcAduWL2K6/RLM/e9d1zgFK0s7zEvxk7S+p/qxXHCADPEoeSQGXa989b\n\
/bDs9PrgNI6UJ5eX2KzHIMnSLrD05pyP/8bUkAI9909UaTREE9kif/x0w6Qtt+5c\n\
QWK/L9ivRwKBgGCgNA9k+m7Iy3+8ueVbddCxkBLGonMGU+csn4FSLw6ljXUjqr+1\n\
ZiaKMeO2phP+7nI66hlLAG19keaShMebUvYqtx3FyaTj+5QXy0H5tTPcD6xUifVL\n\
DCsxPDO6UwqDRNDZipbdC66CsmbvIvyvmUPydhyGINBQOH5xYi4GhjWZAoGACdQD\n\
u65jivAqc7v+8AZCiN0yebvK9L+zFWPiuJGwP33pTzNYfIUN+cf2Vd77bWIOGiKN\n\
IBZE5gRN6TJ78dkrQg99Lp8zZtZ9dj2htJfsavAuszYacG+dnwbWKwHBMua2otB6\n\
FdjhZj7dHHTAEtkIs2hBZoudgaUx1ert0fRkSc0CgYEAiBFs7EntP8NdcGHdeYi9\n\
k+OJJSKJNltieJCiR/6kz+RqdSM/vIXisadlMwusb+dRNJVzVYQ7ncWA17xfk4LL\n\
OVsuQAVE+4pTyZZMXyBJrqM4H7hXdSyWtjdwc7NfY041utThVvS/ty3KKQreE7/4\n\
YXwS5O07CQlvsfs6fkPiftw=\n\
-----END PRIVATE KEY-----";

/// Its modulus.
pub const RSA_FIRST_N: &str = "\
sGsIuo3IP1rD1iwFNIcywVkAXuTw8yiXsGr5hlz5g1BWuvFNEyGKARp0dfJOY0OVDrVIsXpaQpra-qxBGdXwByu_9x30oTNv\
2N8jtAM4_PCeY8VsNOlUkB6kR0rT6FSeIN3YiEoB00z99iZrJBb9kH3A2hrMtRyEAA9NziGgpLz0PCWP6nT2bCwknDE6Y_9h\
duisMib9eZ1tILOPMJMpOTH8uruGL_JqNrGFOZ30XqFYhBecJqqIjt-86SsrT_zG2mow7TtnRexy_RHzZyIEFfhzjO9gmPCV\
mqqI80Xb7pWR4LVoRZAg9nJz11BYB9OsTNzTAdBXiGKT3HUcRvUecQ";

/// What an attacker can know, as the file an issuer publishes.
pub const RSA_FIRST_PUBLIC_PEM: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsGsIuo3IP1rD1iwFNIcy\n\
wVkAXuTw8yiXsGr5hlz5g1BWuvFNEyGKARp0dfJOY0OVDrVIsXpaQpra+qxBGdXw\n\
Byu/9x30oTNv2N8jtAM4/PCeY8VsNOlUkB6kR0rT6FSeIN3YiEoB00z99iZrJBb9\n\
kH3A2hrMtRyEAA9NziGgpLz0PCWP6nT2bCwknDE6Y/9hduisMib9eZ1tILOPMJMp\n\
OTH8uruGL/JqNrGFOZ30XqFYhBecJqqIjt+86SsrT/zG2mow7TtnRexy/RHzZyIE\n\
FfhzjO9gmPCVmqqI80Xb7pWR4LVoRZAg9nJz11BYB9OsTNzTAdBXiGKT3HUcRvUe\n\
cQIDAQAB\n\
-----END PUBLIC KEY-----\n\
";

/// PKCS#8, 2048 bits.
pub const RSA_SECOND_PEM: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCkHeqi8RM1fdYy\n\
n5ymlFPi6dAMqisHLFSWhFfK5E0fIULwMoPKBlPE/YFGilUTklDGy9tsW4hdb3Xy\n\
YKovzZ/w5QLF2iIk3LITOtHo5cotaZhBZpIbg5CiHvrWN38d8k5gEYECiba6CNwi\n\
oC1IGuiuma32iDLto51BhkoxJpsiidVVpwCifg6vLIRZYEqOfuF6J79GDa1feRE7\n\
f0cOyWYO7q2SpCiJ53IsdsQsWx3hzJ8axh6qhkFfKafyHVZ3lhM2F+HiCJy7YS9t\n\
Ux0R+WrCaiwRvkQHz3qwxjrX0bAChajadZ7U+Qy9V0MnUTzcEJFEJgQ1TLVuafBY\n\
13Y+mbmvAgMBAAECggEACygcoRhcPAILvJrYJnKTWr4oxTTHZwulzU8ZvHu5+G9K\n\
EErZHI9C1wXqxRpbUdDJnI2BWjqguw58NvMkChQIFvNQR98eIPQabGYXwW7nWo33\n\
xdVDlMGtZHkr9cHzWDe/m81JZNMhsK4L8G+D3aw06epCK1KhHWYiFNXBKdnJzVaG\n\
EIQav9cQ+QYnDUaFkfLNbspy4Ya2A+/R5wvicEimTANtLXbi0TyTsMJAdEnLZx2G\n\
oBNjFwKcw0nVGRVDYClWcBzinFYTbN7B5kOB6wePdKHEbIX1EYusDwh+YLnEL4H/\n\
J3KmrtvP5yP0ciiUgoH+H5Mp6a9l2aHPunVmRybswQKBgQDlwLIlHU8A6zoh9OqW\n\
T1wU/hGsZmB1fl/uFmJblVQ+uiMGm1qpg995/hYic5IJZ7rKeEehy1rs28s50r/w\n\
I2Xflu5nt/7NhvgLC8Oc/dJ0+FHKWsOd+3Tu3AZQee+Xq97lJjymMwdOk4HBIGGu\n\
32HB5Re68SYxLkh02IrRGs1nbwKBgQC23aWdvaU+sTHxo1WDsJyhb+hBXGXsaqb9\n\
CBMemL1tKlkQgdNP246qcB/FWnhIhVxVzgcyq9Mct1x8tLveGhhzy8Hz8ZSiz6nN\n\
hQ1RDZxxj6lIPz7zroKzgQ4YkanYmUdtggE8JwxfiEmDGqfWidwU4wGTZSoRpbyc\n\
IKHXePWxwQKBgFGofGiekx7TfBTnlJ0Z1bOMXcG1nWEFKplXkVvVplypEZveiYmo\n\
Wjxkp39VLjlzibs+ps8FlOqMcB28HwX9vs6KOW/ZwJFSAEUEyGC7Ahsayw8t1UsI\n\
PZZL0161CAgTSSSOw42ao2U1HjADD1T1BizA/P8viJCAT7Zf5G7PpOO3AoGAWyN2\n\
wnpdXDSGFs939E1WkyMqF0FMzxqMpXmbxdkMN9cuUorR3XAo14tQWlTvs/07esxX\n\
TArVCe/dGY4eP+CzpSq9PK5/jPGAyJxyeZ4WBYc7MHXNEzg7jelZNCeNBhXGwq5T\n\
nT487XQIZ14mnkdRN9u30lVONUNsEEg3QSPZGEECgYAOHXn6++zxz5VibMclGq3S\n\
kUNE4hHyHyHa4wvpiKqoR0Nc0NUcUXg0MjNUAaPE8wY7n+isdAzIwd83xJYkIt5/\n\
ADl0UwNVzLwk2XMpJ7Cej/UerRJgiQrmSw8pW/X47XcEU6O5yxNybNhCLIq98BoV\n\
cmZ7UYiC0Y3WQvizYvtTHQ==\n\
-----END PRIVATE KEY-----";

/// Its modulus.
pub const RSA_SECOND_N: &str = "\
pB3qovETNX3WMp-cppRT4unQDKorByxUloRXyuRNHyFC8DKDygZTxP2BRopVE5JQxsvbbFuIXW918mCqL82f8OUCxdoiJNyy\
EzrR6OXKLWmYQWaSG4OQoh761jd_HfJOYBGBAom2ugjcIqAtSBrorpmt9ogy7aOdQYZKMSabIonVVacAon4OryyEWWBKjn7h\
eie_Rg2tX3kRO39HDslmDu6tkqQoiedyLHbELFsd4cyfGsYeqoZBXymn8h1Wd5YTNhfh4gicu2EvbVMdEflqwmosEb5EB896\
sMY619GwAoWo2nWe1PkMvVdDJ1E83BCRRCYENUy1bmnwWNd2Ppm5rw";

/// The modulus of a key of 1024 bits.
pub const RSA_SMALL_N: &str = "\
uBODI1VW2xPvf1xM0cer9toCXWuIh5rsdrFTEMmv5nyiKhzkkhoCgDFAVSB7PMXOyL0k0m2ZTj9adkuwcoO84mrjpeIhYZ21\
sHxtWy9mLoxN91mLro0c2o6v5K04w6SU_niNS5Aso1AKWSYASWeq_DSuJExs5x3UjTume7tJJ2M";

/// PKCS#8, P-256.
pub const EC_PEM: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKk7mdpKM3KlR6ba3\n\
x+ugeifycHulBOKC+83B3XYt73+hRANCAATjVpJiUvDWN0nC4SYPtuuZm+sebdUd\n\
/NdiUIPRMyxSd3E26tlkwSqxPneHoKaIdSS4l543t72tK4i3EW76Bc2I\n\
-----END PRIVATE KEY-----";

/// Its point.
pub const EC_X: &str = "41aSYlLw1jdJwuEmD7brmZvrHm3VHfzXYlCD0TMsUnc";

/// Its point.
pub const EC_Y: &str = "cTbq2WTBKrE-d4egpoh1JLiXnje3va0riLcRbvoFzYg";

/// PKCS#8, Ed25519.
pub const ED_PEM: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MC4CAQAwBQYDK2VwBCIEIEzU927/Xaqc6O2yI4577Goyh1mrabR0DSpr/3ZFMg+Z\n\
-----END PRIVATE KEY-----";

/// Its point.
pub const ED_X: &str = "lFgXyvmgzfq0Ok2W4AW7ipVi7DxgcCKJwkq-3W0uKZA";
