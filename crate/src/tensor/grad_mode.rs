//! Whether operations are being recorded.

use std::cell::Cell;

thread_local! {
    static GRAD_ENABLED: Cell<bool> = const { Cell::new(true) };
}

/// Whether operations are being recorded, as `torch.is_grad_enabled()`.
#[inline]
pub fn is_grad_enabled() -> bool {
    GRAD_ENABLED.get()
}

/// Restores the grad mode that was on when it was made.
pub struct NoGrad {
    before: bool,
}

impl NoGrad {
    /// Turns recording off until the guard is dropped, as `with torch.no_grad():`.
    #[expect(clippy::new_without_default, reason = "a guard is made for its effect")]
    pub fn new() -> NoGrad {
        NoGrad { before: GRAD_ENABLED.replace(false) }
    }
}

impl Drop for NoGrad {
    fn drop(&mut self) {
        GRAD_ENABLED.set(self.before);
    }
}

/// Runs `f` without recording.
pub fn no_grad<R>(f: impl FnOnce() -> R) -> R {
    with_grad(false, f)
}

/// Runs `f` with recording, also within [`no_grad`], as `with torch.enable_grad():`.
pub fn enable_grad<R>(f: impl FnOnce() -> R) -> R {
    with_grad(true, f)
}

/// Runs `f` with recording on or off, as `with torch.set_grad_enabled(enabled):`.
pub fn with_grad<R>(enabled: bool, f: impl FnOnce() -> R) -> R {
    let _guard = NoGrad { before: GRAD_ENABLED.replace(enabled) };
    f()
}
