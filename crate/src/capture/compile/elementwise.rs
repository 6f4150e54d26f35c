//! Elementwise operations, four elements at a time, as `backend::cpu` computes them.

use super::asm::Asm;
use crate::dtype::DType;
use crate::op::{Binary, Compare, Op, Unary};

/// Whether [`emit`] can write the operation out. The others are long functions, which the host has.
pub fn is_short(op: &Op) -> bool {
    match op {
        Op::Unary(f) => matches!(
            f,
            Unary::Neg
                | Unary::Abs
                | Unary::Sign
                | Unary::Square
                | Unary::Sqrt
                | Unary::Rsqrt
                | Unary::Reciprocal
                | Unary::Floor
                | Unary::Round
                | Unary::Relu
                | Unary::LeakyRelu(_)
        ),
        Op::Binary(f) | Op::Scalar(f, _) => matches!(
            f,
            Binary::Add
                | Binary::Sub
                | Binary::Mul
                | Binary::Div
                | Binary::Maximum
                | Binary::Minimum
                | Binary::ReluGrad
                | Binary::TanhGrad
                | Binary::SigmoidGrad
        ),
        Op::Compare(_) | Op::Where | Op::Cast(DType::F32) | Op::Contiguous => true,
        _ => false,
    }
}

/// Pushes the result. `operand(asm, i)` pushes an operand, as often as it is called.
pub fn emit(asm: &mut Asm, op: &Op, operand: &dyn Fn(&mut Asm, usize)) {
    match op {
        Op::Unary(f) => unary(asm, *f, &|asm| operand(asm, 0)),
        Op::Binary(f) => binary(asm, *f, &|asm| operand(asm, 0), &|asm| operand(asm, 1)),
        Op::Scalar(f, number) => {
            let number = *number as f32;
            binary(asm, *f, &|asm| operand(asm, 0), &|asm| asm.constant(number));
        }
        Op::Compare(f) => {
            operand(asm, 0);
            operand(asm, 1);
            let mut code = asm.code();
            match f {
                Compare::Eq => code.f32x4_eq(),
                Compare::Ne => code.f32x4_ne(),
                Compare::Lt => code.f32x4_lt(),
                Compare::Le => code.f32x4_le(),
                Compare::Gt => code.f32x4_gt(),
                Compare::Ge => code.f32x4_ge(),
            };
        }
        Op::Where => {
            operand(asm, 1);
            operand(asm, 2);
            operand(asm, 0);
            asm.code().v128_bitselect();
        }
        // Of a condition, whose bits are all set or none
        Op::Cast(_) => {
            operand(asm, 0);
            asm.constant(1.0);
            asm.code().v128_and();
        }
        Op::Contiguous => operand(asm, 0),
        _ => unreachable!("is_short has said no"),
    }
}

/// Compares two operands: greater, or else less.
fn greater(asm: &mut Asm, greater: bool) {
    let mut code = asm.code();
    if greater {
        code.f32x4_gt()
    } else {
        code.f32x4_lt()
    };
}

fn unary(asm: &mut Asm, f: Unary, x: &dyn Fn(&mut Asm)) {
    match f {
        Unary::Neg => {
            x(asm);
            asm.code().f32x4_neg();
        }
        Unary::Abs => {
            x(asm);
            asm.code().f32x4_abs();
        }
        Unary::Sign => {
            let part = |asm: &mut Asm, one: f32| {
                x(asm);
                asm.constant(0.0);
                greater(asm, one > 0.0);
                asm.constant(one);
                asm.code().v128_and();
            };
            part(asm, 1.0);
            part(asm, -1.0);
            asm.code().v128_or();
        }
        Unary::Square => {
            x(asm);
            x(asm);
            asm.code().f32x4_mul();
        }
        Unary::Sqrt => {
            x(asm);
            asm.code().f32x4_sqrt();
        }
        Unary::Rsqrt => {
            asm.constant(1.0);
            x(asm);
            asm.code().f32x4_sqrt().f32x4_div();
        }
        Unary::Reciprocal => {
            asm.constant(1.0);
            x(asm);
            asm.code().f32x4_div();
        }
        Unary::Floor => {
            x(asm);
            asm.code().f32x4_floor();
        }
        Unary::Round => {
            x(asm);
            asm.code().f32x4_nearest();
        }
        // 0 where x < 0, else x: a NaN stays, and so does −0.
        Unary::Relu => {
            x(asm);
            asm.constant(0.0);
            asm.code().f32x4_pmax();
        }
        Unary::LeakyRelu(slope) => {
            x(asm);
            x(asm);
            asm.constant(slope as f32);
            asm.code().f32x4_mul();
            x(asm);
            asm.constant(0.0);
            asm.code().f32x4_gt().v128_bitselect();
        }
        _ => unreachable!("is_short has said no"),
    }
}

fn binary(asm: &mut Asm, f: Binary, a: &dyn Fn(&mut Asm), b: &dyn Fn(&mut Asm)) {
    a(asm);
    b(asm);
    match f {
        Binary::Add => {
            asm.code().f32x4_add();
        }
        Binary::Sub => {
            asm.code().f32x4_sub();
        }
        Binary::Mul => {
            asm.code().f32x4_mul();
        }
        Binary::Div => {
            asm.code().f32x4_div();
        }
        // The bits of a, but where b ≤ 0
        Binary::ReluGrad => {
            asm.constant(0.0);
            asm.code().f32x4_le().v128_andnot();
        }
        // a (1 − b²), and a (1 − b) b
        Binary::TanhGrad => {
            b(asm);
            asm.code().f32x4_mul().f32x4_neg();
            asm.constant(1.0);
            asm.code().f32x4_add().f32x4_mul();
        }
        Binary::SigmoidGrad => {
            asm.code().f32x4_neg();
            asm.constant(1.0);
            asm.code().f32x4_add().f32x4_mul();
            b(asm);
            asm.code().f32x4_mul();
        }
        // a where it wins or is NaN, else b
        Binary::Maximum | Binary::Minimum => {
            a(asm);
            b(asm);
            greater(asm, f == Binary::Maximum);
            a(asm);
            a(asm);
            asm.code().f32x4_ne().v128_or().v128_bitselect();
        }
        _ => unreachable!("is_short has said no"),
    }
}
