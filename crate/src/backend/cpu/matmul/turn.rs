//! Rows side by side: how kernels copy an operand of which they need other neighbours.

use super::Strides;
use crate::backend::cpu::f32x4::F32x4;

const LANES: usize = F32x4::LANES;

/// Of `rows` rows that many columns long, the first V·4: their elements 0 to `to`, their elements 1 to
/// `to + step`, and so on. Where there are fewer rows, the last one is repeated.
///
/// # Safety
/// `from` is a matrix of that size, which is not 0; `to` has room.
#[inline(never)]
pub(super) unsafe fn turn<const V: usize>(
    from: *const f32,
    strides: Strides,
    (rows, columns): (usize, usize),
    to: *mut f32,
    step: usize,
) {
    // SAFETY: the rows are there; p is below `columns`.
    unsafe {
        let row = |r: usize| from.add(r.min(rows - 1) * strides.row);
        let rows: [[*const f32; LANES]; V] =
            std::array::from_fn(|v| std::array::from_fn(|r| row(v * LANES + r)));
        let mut to = to;
        let mut p = 0;
        if strides.column == 1 {
            while columns - p >= LANES {
                for (v, rows) in rows.iter().enumerate() {
                    let [x, y, z, w] = F32x4::transpose(rows.map(|row| F32x4::read(row.add(p))));
                    let to = to.add(v * LANES);
                    x.write(to);
                    y.write(to.add(step));
                    z.write(to.add(2 * step));
                    w.write(to.add(3 * step));
                }
                to = to.wrapping_add(LANES * step);
                p += LANES;
            }
        }
        while p < columns {
            for (v, rows) in rows.iter().enumerate() {
                let places = rows.map(|row| row.add(p * strides.column));
                F32x4::collect(places).write(to.add(v * LANES));
            }
            to = to.wrapping_add(step);
            p += 1;
        }
    }
}
