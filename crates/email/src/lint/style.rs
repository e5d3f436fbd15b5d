//! How the text of an element looks, as far as its own style and those around it tell.

use super::colors::{Paint, background, paint};
use groundswell_domain::brand::Color;

/// Of an element, with what it inherits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// Unknown: `None`.
    pub color: Option<Color>,
    pub background: Option<Color>,
    /// In pixels.
    pub size: f64,
    pub bold: bool,
    pub hidden: bool,
    /// The colour as it was written, to find it again.
    pub written: Option<String>,
}

impl Look {
    /// What programs start with: black on white, 16 pixels.
    pub fn initial() -> Self {
        Self {
            color: Some(Color::BLACK),
            background: Some(Color::WHITE),
            size: 16.0,
            bold: false,
            hidden: false,
            written: None,
        }
    }

    /// Text that is large needs less contrast: 18 pt, or 14 pt in bold (WCAG 2.2, "large scale").
    pub fn is_large(&self) -> bool {
        self.size >= 24.0 || (self.bold && self.size >= 18.66)
    }

    /// The look of an element within this one.
    pub fn within(&self, name: &str, style: &str, bgcolor: Option<&str>, font_color: Option<&str>) -> Self {
        let mut look = self.clone();
        match name {
            "b" | "strong" | "th" => look.bold = true,
            "h1" => (look.bold, look.size) = (true, 32.0),
            "h2" => (look.bold, look.size) = (true, 24.0),
            "h3" => (look.bold, look.size) = (true, 18.72),
            // Unless told otherwise, programs make links blue.
            "a" => look.set_color("#0000ee"),
            "head" | "title" | "style" | "script" | "template" => look.hidden = true,
            _ => {}
        }
        if let Some(value) = bgcolor {
            look.set_background(paint(value));
        }
        if let Some(value) = font_color {
            look.set_color(value);
        }
        for declaration in style.split(';') {
            let Some((name, value)) = declaration.split_once(':') else {
                continue;
            };
            look.apply(name.trim().to_ascii_lowercase().as_str(), value.trim());
        }
        look
    }

    fn apply(&mut self, name: &str, value: &str) {
        match name {
            "color" => self.set_color(value),
            "background-color" => self.set_background(paint(value)),
            "background" => self.set_background(background(value)),
            "background-image" if value != "none" => self.background = None,
            "font-size" => {
                if let Some(size) = pixels(value) {
                    self.size = size;
                }
            }
            "font-weight" => {
                self.bold = value == "bold" || value.parse::<u32>().is_ok_and(|weight| weight >= 700);
            }
            "display" if value.starts_with("none") => self.hidden = true,
            "visibility" if value.starts_with("hidden") => self.hidden = true,
            "max-height" | "opacity" | "mso-hide" if value == "all" || pixels(value) == Some(0.0) => {
                self.hidden = true;
            }
            _ => {}
        }
    }

    fn set_color(&mut self, value: &str) {
        match paint(value) {
            Paint::Color(color) => {
                self.color = Some(color);
                self.written = Some(value.to_owned());
            }
            Paint::Inherited => {}
            Paint::Unknown => self.color = None,
        }
    }

    fn set_background(&mut self, paint: Paint) {
        match paint {
            Paint::Color(color) => self.background = Some(color),
            Paint::Inherited => {}
            Paint::Unknown => self.background = None,
        }
    }
}

fn pixels(value: &str) -> Option<f64> {
    let value = value.trim().trim_end_matches("!important").trim();
    let number = |text: &str| text.trim().parse::<f64>().ok();
    if let Some(points) = value.strip_suffix("pt") {
        return number(points).map(|points| points * 4.0 / 3.0);
    }
    number(value.strip_suffix("px").unwrap_or(value))
}
