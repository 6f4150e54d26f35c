//! Rows side by side: how kernels copy an operand of which they need other neighbours.

use super::Strides;
use crate::backend::cpu::f32x4::F32x4;

const LANES: usize = F32x4::LANES;

/// Of `rows` rows that many columns long, the first four: their elements 0 to `to`, their elements 1 to
/// `to + step`, and so on. Where there are fewer rows, the last one is repeated.
///
/// # Safety
/// `from` is a matrix of that size, which is not 0; `to` has room.
#[inline(never)]
pub(super) unsafe fn turn(
    from: *const f32,
    strides: Strides,
    (rows, columns): (usize, usize),
    to: *mut f32,
    step: usize,
) {
    // SAFETY: the rows are there; p is below `columns`.
    unsafe {
        let row = |r: usize| from.add(r.min(rows - 1) * strides.row);
        let rows = [row(0), row(1), row(2), row(3)];
        let mut to = to;
        let mut p = 0;
        if strides.column == 1 {
            while columns - p >= LANES {
                let at = |r: usize| F32x4::read(rows[r].add(p));
                let [x, y, z, w] = F32x4::transpose([at(0), at(1), at(2), at(3)]);
                x.write(to);
                y.write(to.add(step));
                z.write(to.add(2 * step));
                w.write(to.add(3 * step));
                to = to.wrapping_add(LANES * step);
                p += LANES;
            }
        }
        while p < columns {
            let at = |r: usize| rows[r].add(p * strides.column);
            F32x4::collect([at(0), at(1), at(2), at(3)]).write(to);
            to = to.wrapping_add(step);
            p += 1;
        }
    }
}
