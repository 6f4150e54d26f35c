//! The WGSL of kernels: files, and what is put in the places of `$NAMES`.

use super::kernel::{File, IN_PLACE, Key, STEP};
use std::fmt::Write;

macro_rules! wgsl {
    ($name:literal) => {
        include_str!(concat!("wgsl/", $name, ".wgsl"))
    };
}

/// What every kernel begins with.
pub fn prelude() -> &'static str {
    wgsl!("prelude")
}

/// Functions of numbers.
pub fn numbers() -> &'static str {
    wgsl!("numbers")
}

/// How kernels complain.
pub fn trouble(binding: usize) -> String {
    wgsl!("trouble").replace("$TROUBLE", &binding.to_string())
}

/// The source of a key.
pub fn of(key: &Key) -> String {
    parts(key, &[wgsl!("prelude")], &[])
}

/// The source without what kernels have in common.
pub fn own(key: &Key) -> String {
    parts(key, &[], &[wgsl!("numbers"), wgsl!("trouble")])
}

/// The files of a key with what is put into them, `before` in front and without those that are left `out`.
fn parts(key: &Key, before: &[&str], out: &[&str]) -> String {
    let with = |i: usize| key.with.get(i).copied().unwrap_or_default();
    let mut names: Vec<(&str, String)> = Vec::new();
    let mut put = |name: &'static str, value: &str| names.push((name, value.to_string()));
    let numbers = wgsl!("numbers");
    let step = format!("{STEP}u");
    let files: &[&str] = match key.file {
        File::Map | File::MapFour => {
            let [a, b, c, out, prepare, body, mode] = [0, 1, 2, 3, 4, 5, 6].map(with);
            let four = key.file == File::MapFour;
            let (declare, parameters, arguments, complains) =
                map_operands([a, b, c], out, mode, prepare, four);
            put("DECLARE", &declare);
            put("PARAMETERS", &parameters);
            put("OUT", out);
            put("BODY", body);
            put("PREPARE", prepare);
            let values =
                ["x", "y", "z", "w"].map(|one| format!("f({})", arguments.replace(".n", &format!(".{one}"))));
            let store = match four {
                true => format!("y[at.x] = vec4<{out}>({});", values.join(", ")),
                false => format!("y[at.x] = f({arguments});"),
            };
            put("STORE", &store);
            put("TROUBLE", "4");
            match (complains, four) {
                (true, _) => &[wgsl!("trouble"), numbers, wgsl!("map")],
                (false, false) => &[numbers, wgsl!("map")],
                (false, true) => &[numbers, wgsl!("map_four")],
            }
        }
        File::ReduceThread | File::ReduceGroup => {
            let thread = key.file == File::ReduceThread;
            put("MAIN", if thread { wgsl!("reduce_thread") } else { wgsl!("reduce_group") });
            put("T", with(0));
            put("COMBINE", with(1));
            put("START", with(2));
            put("FINISH", with(3));
            &[numbers, wgsl!("reduce")]
        }
        File::SoftmaxThread | File::SoftmaxGroup => {
            let thread = key.file == File::SoftmaxThread;
            put("MAIN", if thread { wgsl!("softmax_thread") } else { wgsl!("softmax_group") });
            put("RESULT", with(0));
            &[numbers, wgsl!("softmax")]
        }
        File::Product => {
            let [load, main, order_a, order_b, bias] = [0, 1, 2, 3, 4].map(with);
            let conv = load != "matrix";
            let (load, geometry) = match load {
                "matrix" => (wgsl!("load_matrix"), ""),
                "conv" => (wgsl!("load_conv"), wgsl!("conv")),
                "conv input" => (wgsl!("load_conv_input"), ""),
                _ => (wgsl!("load_conv_weight"), wgsl!("conv")),
            };
            put("LOAD", &format!("{geometry}\n{load}"));
            put(
                "MAIN",
                match main {
                    "tile" => wgsl!("product_tile"),
                    "thread" => wgsl!("product_thread"),
                    _ => wgsl!("product_group"),
                },
            );
            // Neighbouring threads along k, or along the other dimension.
            let order = |along_k: bool| if along_k { ["e % 32u", "e / 32u"] } else { ["e / 8u", "e % 8u"] };
            let ([ak, am], [bk, bn]) = (order(order_a == "k"), order(order_b == "k"));
            for (name, e) in [("A_K", ak), ("A_M", am), ("B_K", bk), ("B_N", bn)] {
                put(name, &format!("({e})"));
            }
            let biased = !bias.is_empty();
            let (y, declare) = around_bias(biased);
            put("Y", y);
            put("BIAS_DECLARE", declare);
            let channel = if conv { "product * words[0].x + m" } else { "n" };
            let value = format!("select(0.0, bias[word(19u) + ({channel}) * word(20u)], part == 0u)");
            put("BIAS", if biased { &value } else { "0.0" });
            &[wgsl!("product")]
        }
        File::ProductBlock => {
            let [load, order_a, order_b, bias, end] = [0, 1, 2, 3, 4].map(with);
            let type_of = |order: &str| if order.is_empty() { "f32" } else { "vec4<f32>" };
            let biased = !bias.is_empty();
            put("A", type_of(order_a));
            put("B", type_of(order_b));
            let (y, declare) = around_bias(biased);
            put("Y", y);
            put("BIAS_DECLARE", declare);
            put("LOAD", if load == "matrix" { wgsl!("block_matrix") } else { wgsl!("block_windows") });
            put(
                "INSIDE",
                if load == "strided" { wgsl!("block_inside_strided") } else { wgsl!("block_inside") },
            );
            put(
                "BLOCK_A",
                match order_a {
                    "k" => wgsl!("block_a_along_k"),
                    "m" => wgsl!("block_a_along_m"),
                    _ => wgsl!("block_a"),
                },
            );
            put(
                "BLOCK_B",
                match order_b {
                    "k" => wgsl!("block_b_along_k"),
                    "n" => wgsl!("block_b_along_n"),
                    _ => wgsl!("block_b"),
                },
            );
            let fours = load == "matrix";
            put("BLOCKS", if fours { wgsl!("block_fours") } else { "" });
            put("TURNS", if fours { wgsl!("block_turns_of_four") } else { wgsl!("block_turns_of_one") });
            put("ELEMENT", if load == "matrix" { wgsl!("block_b_element") } else { "" });
            put(
                "BIAS",
                match (biased, load) {
                    (false, _) => wgsl!("block_bias"),
                    (true, "matrix") => wgsl!("block_bias_n"),
                    _ => wgsl!("block_bias_m"),
                },
            );
            put("ROWS", if end.is_empty() { "" } else { "rows_until" });
            put("COLUMNS", if end.is_empty() { "" } else { "columns_until" });
            put("LEFT", if end.is_empty() { "" } else { ", to - k" });
            &[wgsl!("product_block")]
        }
        File::ProductRow => {
            let [four_a, four_b] = [0, 1].map(|i| with(i) == "vec4<f32>");
            put("A", with(0));
            put("B", with(1));
            let apart = "vec4<f32>(a[at_a], a[at_a + along], a[at_a + 2u * along], a[at_a + 3u * along])";
            put("FOUR_OF_A", if four_a { "a[at_a / 4u]" } else { apart });
            let apart = "vec4<f32>(b[at], b[at + 1u], b[at + 2u], b[at + 3u])";
            put("FOUR_OF_B", if four_b { "b[at / 4u]" } else { apart });
            // What is read four at a time has no rest.
            let rest = "for (; k < end; k++) { sum += a[at_a] * four(at); at_a += along; at += down; }";
            put("REST", if four_a { "" } else { rest });
            let biased = !with(2).is_empty();
            let (y, declare) = around_bias(biased);
            put("Y", y);
            put("BIAS_DECLARE", declare);
            let value = "select(0.0, bias[word(19u) + n * word(20u)], part == 0u)";
            put("BIAS", if biased { value } else { "0.0" });
            &[wgsl!("product_row")]
        }
        File::Gather | File::ScatterAdd => {
            put("T", with(0));
            put("TROUBLE", "4");
            let file = if key.file == File::Gather { wgsl!("gather") } else { wgsl!("scatter_add") };
            &[wgsl!("trouble"), file]
        }
        File::NllRows | File::NllMean | File::NllGrad => {
            let counted = "@group(0) @binding(3) var<storage, read> counted: array<f32>;\n";
            let (main, mean) = match key.file {
                File::NllRows => (wgsl!("nll_rows"), false),
                File::NllMean => (wgsl!("nll_mean"), false),
                _ => (wgsl!("nll_grad"), with(0) == "mean"),
            };
            let place = if mean { "4" } else { "3" };
            put("MAIN", main);
            let y = format!("@group(0) @binding({place}) var<storage, read_write> y: array<f32>;");
            put("DECLARE", &if mean { format!("{counted}{y}") } else { y });
            put(
                "GRADIENT",
                if mean { "(x[words[0].w] / counted[words[1].z])" } else { "x[words[0].w + row]" },
            );
            put("TROUBLE", if mean { "5" } else { "4" });
            &[wgsl!("trouble"), wgsl!("nll")]
        }
        File::NllCount => &[wgsl!("nll_count")],
        File::Argmax | File::Cumsum => {
            let argmax = key.file == File::Argmax;
            put("T", with(0));
            put("OUT", if argmax { "i32" } else { with(0) });
            put("BETTER", if argmax { with(1) } else { "v > best" });
            put("PLACE", with(1));
            put("MAIN", if argmax { wgsl!("argmax") } else { wgsl!("cumsum") });
            &[wgsl!("line")]
        }
        File::MaxPool | File::MaxPoolGrad | File::MaxPoolCells => {
            let value = key.file == File::MaxPool;
            put("DECLARE", wgsl!("max_pool"));
            put("T", with(0));
            put("NAN", with(1));
            put("OUT", if value { with(2) } else { with(0) });
            put("VALUE", with(3));
            let y = "var<storage, read_write> y: array<$OUT>;";
            let g = "@group(0) @binding(2) var<storage, read> g: array<$T>;\n@group(0) @binding(3)";
            let declare = if value { format!("@group(0) @binding(2) {y}") } else { format!("{g} {y}") };
            put("RESULT_DECLARE", &declare);
            put(
                "MAIN",
                match key.file {
                    File::MaxPool => wgsl!("max_pool_value"),
                    File::MaxPoolGrad => wgsl!("max_pool_grad"),
                    _ => wgsl!("max_pool_cells"),
                },
            );
            &[wgsl!("window")]
        }
        File::MeanPool | File::MeanPoolGrad | File::Unfold | File::Fold => {
            put("DECLARE", wgsl!("mean_divisor"));
            put(
                "MAIN",
                match key.file {
                    File::MeanPool => wgsl!("mean_pool_value"),
                    File::MeanPoolGrad => wgsl!("mean_pool_grad"),
                    File::Unfold => wgsl!("unfold"),
                    _ => wgsl!("fold"),
                },
            );
            &[wgsl!("window")]
        }
        File::SelectRows => {
            put("T", with(0));
            put("STEP", &step);
            &[wgsl!("select_rows")]
        }
        File::TakeDrawn => {
            put("STEP", &step);
            &[wgsl!("take_drawn")]
        }
        File::Record => &[wgsl!("record")],
        File::Update => {
            let (rule, blocks) = match with(0) {
                "sgd" => (wgsl!("sgd"), 0),
                "momentum" => (wgsl!("momentum"), 1),
                "adam" => (wgsl!("adam"), 2),
                "amsgrad" => (wgsl!("adam"), 3),
                "rmsprop" => (wgsl!("rmsprop"), 1),
                "centered" => (wgsl!("rmsprop"), 2),
                "rmsprop momentum" => (wgsl!("rmsprop"), 3),
                _ => (wgsl!("adagrad"), 1),
            };
            let (mut declare, mut load, mut store) = (String::new(), String::new(), String::new());
            for i in 0..3 {
                let _ = writeln!(
                    load,
                    "var s{i} = {};",
                    if i < blocks { format!("state{i}[i]") } else { "$T()".into() }
                );
                if i < blocks {
                    let place = 5 + i;
                    let _ = writeln!(
                        declare,
                        "@group(0) @binding({place}) var<storage, read_write> state{i}: array<$T>;"
                    );
                    let _ = writeln!(store, "state{i}[i] = s{i};");
                }
            }
            put("T", with(1));
            let four =
                "vec4<f32>(larger(s2.x, s1.x), larger(s2.y, s1.y), larger(s2.z, s1.z), larger(s2.w, s1.w))";
            put("LARGER", if with(1) == "f32" { "larger(s2, s1)" } else { four });
            put("DECLARE", &declare);
            put("LOAD", &load);
            put("STORE", &store);
            put("RULE", rule);
            put("STEP", &step);
            put("PENALTY", wgsl!("penalty"));
            put("SQUARES", if with(0) == "amsgrad" { "s2" } else { "s1" });
            &[numbers, wgsl!("update")]
        }
    };
    let mut text = String::new();
    for file in before.iter().chain(files.iter().filter(|file| !out.contains(file))) {
        fill(file, &names, &mut text);
        text.push('\n');
    }
    text
}

/// The binding of a product's result, and the declaration of its bias before it.
fn around_bias(biased: bool) -> (&'static str, &'static str) {
    match biased {
        true => ("4", "@group(0) @binding(3) var<storage, read> bias: array<f32>;"),
        false => ("3", ""),
    }
}

/// Declarations, parameters and arguments of a function of elements, and whether it can complain. Of four elements at
/// a time, `.n` is where the arguments name one of them.
fn map_operands(
    types: [&str; 3],
    out: &str,
    mode: &str,
    prepare: &str,
    four: bool,
) -> (String, String, String, bool) {
    let one = if four { ".n" } else { "" };
    let element = |ty: &str| if four { format!("vec4<{ty}>") } else { ty.to_string() };
    let (mut declare, mut parameters, mut arguments) = (String::new(), Vec::new(), Vec::new());
    if mode == IN_PLACE {
        parameters.push(format!("d: {out}"));
        arguments.push(format!("y[at.x]{one}"));
    }
    let mut binding = 1;
    for (name, (of, place)) in ["a", "b", "c"].into_iter().zip(types.into_iter().zip(["y", "z", "w"])) {
        if !of.is_empty() {
            let _ = writeln!(
                declare,
                "@group(0) @binding({binding}) var<storage, read> {name}: array<{}>;",
                element(of)
            );
            parameters.push(format!("{name}: {of}"));
            arguments.push(format!("{name}[at.{place}]{one}"));
            binding += 1;
        }
    }
    let _ = writeln!(
        declare,
        "@group(0) @binding({binding}) var<storage, read_write> y: array<{}>;",
        element(out)
    );
    (declare, parameters.join(", "), arguments.join(", "), prepare.contains("complain"))
}

/// Appends a text with values in the places of names; values can hold names, too.
fn fill(text: &str, names: &[(&str, String)], out: &mut String) {
    let mut parts = text.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        if let Some((_, value)) = names.iter().find(|(known, _)| *known == name) {
            fill(value, names, out);
        }
        out.push_str(rest);
    }
}
