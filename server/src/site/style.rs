//! The operator's colours as a style sheet, for the web app: its page takes no style that stands in it.

use crate::config::Colour;
use sotto_protocol::rest::server::Accent;

/// The style sheet, whose variables are those of the web app's `tokens.css`. Colours are checked when the server starts: words in
/// them can be read on the app's paper, and the paper's colour on them.
pub(crate) fn style(accent: &Accent) -> String {
    let Accent { light, dark } = accent;
    let ink = Colour::DARK_PAPER;
    format!(
        ":root{{--accent:{light};--accent-hover:color-mix(in srgb,{light} 85%,black);--accent-ink:#fff;\
         --accent-soft:color-mix(in srgb,{light} 12%,white);--link:{light};--deep:{light};--deep-ink:#fff;\
         --bubble-own:color-mix(in srgb,{light} 14%,white);--bubble-own-soft:color-mix(in srgb,{light} 45%,#23211d)}}\n\
         @media (prefers-color-scheme:dark){{:root{{--accent:{dark};--accent-hover:color-mix(in srgb,{dark} 85%,white);\
         --accent-ink:{ink};--accent-soft:color-mix(in srgb,{dark} 18%,{ink});--link:{dark};\
         --deep:color-mix(in srgb,{dark} 25%,{ink});--deep-ink:#fff;\
         --bubble-own:color-mix(in srgb,{dark} 28%,{ink});--bubble-own-soft:color-mix(in srgb,{dark} 30%,#edeae3)}}}}\n"
    )
}
