//! What a panic says before it traps: JavaScript gets the stage and the place instead of a bare `unreachable`. The module is of no use
//! afterwards, as what it was working on stays borrowed; `src/engine/load.ts` loads another.

use core::cell::Cell;
use wasm_bindgen::prelude::*;

thread_local! {
    static STAGE: Cell<&'static str> = const { Cell::new("decode") };
}

/// Says what is being done from now on.
pub fn enter(stage: &'static str) {
    STAGE.set(stage);
}

/// Throws an error of this form out of every panic: `fault in STAGE: panicked at FILE:LINE:COLUMN: MESSAGE`.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string().replace('\n', " ");
        wasm_bindgen::throw_str(&format!("fault in {}: {text}", STAGE.get()));
    }));
}
