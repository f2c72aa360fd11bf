//! A panic ends this instance: its memory is not trusted any more. JavaScript is told where it happened, and only
//! that, because a panic's text may quote what it choked on.

use std::cell::RefCell;
use std::panic::PanicHookInfo;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static LISTENER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Calls `listener` with the place of a panic, `file:line:column`, before the instance traps.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(#[wasm_bindgen(unchecked_param_type = "(place: string) => void")] listener: Function) {
    LISTENER.with(|slot| slot.replace(Some(listener)));
    std::panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    LISTENER.with(|slot| {
        if let Ok(Some(listener)) = slot.try_borrow().as_deref() {
            // If even the listener throws, there is nobody left to tell.
            let _ = listener.call1(&JsValue::NULL, &JsValue::from_str(&place));
        }
    });
}
