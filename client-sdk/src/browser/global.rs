//! What a window and a Worker have alike, by name.

use js_sys::{Error, Function, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// The global's member of this name, `undefined` if there is none.
pub(super) fn member(name: &str) -> JsValue {
    member_of(&js_sys::global(), name)
}

/// The object's member of this name, `undefined` if there is none.
pub(super) fn member_of(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// The global's function of this name.
pub(super) fn function(name: &str) -> Result<Function, JsValue> {
    member(name).dyn_into()
}

/// An object with these members.
pub(super) fn object<const N: usize>(members: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        // A new plain object takes any member.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object
}

/// What a thrown value says, for an error's text.
pub(super) fn text(thrown: &JsValue) -> String {
    // A DOMException is an Error in every browser.
    thrown.dyn_ref::<Error>().map_or_else(
        || "the browser gives no reason".to_owned(),
        |error| {
            format!(
                "{}: {}",
                String::from(error.name()),
                String::from(error.message())
            )
        },
    )
}
