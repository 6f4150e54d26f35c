//! From an [`Experiment`] to JSON: always the same text for the same experiment, and fields in an
//! order to read them in.

use serde_json::Value;

use super::{
    document::{Comparison, Data, Experiment, Gradient, Init, Layer, Loss, Optimizer, Schedule},
    node::Node,
    read_data, read_model,
    stop::Stop,
};

/// The document without what is at its default, on one line.
pub fn to_compact(experiment: &Experiment) -> String {
    document(experiment, false).compact()
}

/// The document without what is at its default, as a person would lay it out.
pub fn to_pretty(experiment: &Experiment) -> String {
    document(experiment, false).pretty()
}

/// The document without what is at its default.
pub fn to_value(experiment: &Experiment) -> Value {
    document(experiment, false).value()
}

/// The document with every field there is, for an editor.
pub fn to_full_value(experiment: &Experiment) -> Value {
    document(experiment, true).value()
}

/// The document with every field there is, on one line.
pub fn to_full(experiment: &Experiment) -> String {
    document(experiment, true).compact()
}

/// Any JSON value on one line.
pub fn value_to_compact(value: &Value) -> String {
    Node::of(value).compact()
}

/// Every field of the document but the data, the rows to predict for and the comparisons; within
/// these fields, what is at its default is left out.
pub(super) fn settings_value(experiment: &Experiment) -> Value {
    let kept = ["data", "predict", "compare"];
    let fields = top(experiment, true, false);
    Node::Object(fields.into_iter().filter(|(name, _)| !kept.contains(name)).collect()).value()
}

fn document(experiment: &Experiment, full: bool) -> Node<'_> {
    Node::Object(top(experiment, full, full))
}

/// An object in the making: what is at its default is left out, unless the object shall be full.
struct Object<'a> {
    fields: Vec<(&'static str, Node<'a>)>,
    full: bool,
}

impl<'a> Object<'a> {
    fn new(full: bool) -> Self {
        Self { fields: Vec::new(), full }
    }

    /// The field that says what the object is.
    fn tagged(tag: &'static str, name: &'a str, full: bool) -> Self {
        Self { fields: vec![(tag, Node::Text(name))], full }
    }

    fn always(mut self, name: &'static str, node: Node<'a>) -> Self {
        self.fields.push((name, node));
        self
    }

    fn unless(mut self, is_default: bool, name: &'static str, node: impl FnOnce() -> Node<'a>) -> Self {
        if self.full || !is_default {
            self.fields.push((name, node()));
        }
        self
    }

    fn number(self, name: &'static str, value: f64, default: f64) -> Self {
        self.unless(value.to_bits() == default.to_bits(), name, || Node::Number(value))
    }

    fn boolean(self, name: &'static str, value: bool, default: bool) -> Self {
        self.unless(value == default, name, || Node::Bool(value))
    }

    fn done(self) -> Node<'a> {
        Node::Object(self.fields)
    }
}

/// The document's fields: `full` with those at their defaults, `deep` the same within them.
fn top(experiment: &Experiment, full: bool, deep: bool) -> Vec<(&'static str, Node<'_>)> {
    let e = experiment;
    let batch = || e.batch_size.map_or(Node::Null, |size| Node::Number(f64::from(size)));
    let schedule = || e.schedule.as_ref().map_or(Node::Null, |schedule| self::schedule(schedule, deep));
    Object::new(full)
        .always("version", Node::Number(f64::from(super::document::VERSION)))
        .unless(e.title.is_empty(), "title", || Node::Text(&e.title))
        .number("seed", e.seed as f64, 0.0)
        .always("data", data(&e.data, deep))
        .number("validation", e.validation, 0.0)
        .boolean("standardize", e.standardize, false)
        .always("model", Node::List(e.model.iter().map(|layer| self::layer(layer, deep)).collect()))
        .unless(e.loss == Loss::Mse, "loss", || Object::tagged("type", e.loss.kind(), deep).done())
        .unless(e.optimizer == Optimizer::default(), "optimizer", || optimizer(&e.optimizer, deep))
        .unless(e.schedule.is_none(), "schedule", schedule)
        .number("epochs", e.epochs as f64, 50.0)
        .unless(e.stop.is_none(), "stop", || e.stop.as_ref().map_or(Node::Null, stop))
        .unless(e.batch_size.is_none(), "batch_size", batch)
        .boolean("shuffle", e.shuffle, true)
        .unless(e.device == Default::default(), "device", || Node::Text(e.device.name()))
        .unless(e.predict.is_empty(), "predict", || {
            Node::List(e.predict.iter().map(|row| Node::Numbers(row)).collect())
        })
        .unless(e.gradient == Gradient::Autograd, "gradient", || gradient(e.gradient))
        .unless(e.compare.is_empty(), "compare", || Node::List(e.compare.iter().map(comparison).collect()))
        .fields
}

fn data(data: &Data, full: bool) -> Node<'_> {
    match data {
        Data::Table { inputs, targets, rows, input_shape, classes } => {
            let shape = || match input_shape {
                Some(shape) => Node::List(shape.iter().map(|size| Node::Number(*size as f64)).collect()),
                None => Node::Null,
            };
            Object::tagged("kind", "table", full)
                .always("inputs", names(inputs))
                .always("targets", names(targets))
                .unless(input_shape.is_none(), "input_shape", shape)
                .unless(classes.is_empty(), "classes", || names(classes))
                .unless(rows.is_empty(), "rows", || Node::List(rows.iter().map(Node::Numbers).collect()))
                .done()
        }
        Data::Generated { name, points, noise, seed } => Object::tagged("kind", "generated", full)
            .always("name", Node::Text(name))
            .number("points", f64::from(*points), f64::from(read_data::POINTS))
            .number("noise", *noise, 0.0)
            .number("seed", *seed as f64, 0.0)
            .done(),
        Data::Bundled { name } => {
            Object::tagged("kind", "bundled", full).always("name", Node::Text(name)).done()
        }
    }
}

fn names(names: &[String]) -> Node<'_> {
    Node::List(names.iter().map(|name| Node::Text(name)).collect())
}

fn layer(layer: &Layer, full: bool) -> Node<'_> {
    let object = Object::tagged("type", layer.kind(), full);
    let count = |count: &u32| Node::Number(f64::from(*count));
    match layer {
        Layer::Linear { out, bias, init } => object
            .always("out", count(out))
            .boolean("bias", *bias, true)
            .unless(*init == Init::Default, "init", || self::init(init)),
        Layer::LeakyRelu { negative_slope } => object.number("negative_slope", *negative_slope, 0.01),
        Layer::Elu { alpha } => object.number("alpha", *alpha, 1.0),
        Layer::Dropout { p } => object.always("p", Node::Number(*p)),
        Layer::Conv2d { out, kernel, stride, padding, init } => object
            .always("out", count(out))
            .always("kernel", count(kernel))
            .number("stride", f64::from(*stride), 1.0)
            .number("padding", f64::from(*padding), 0.0)
            .unless(*init == Init::Default, "init", || self::init(init)),
        Layer::MaxPool2d { kernel, stride } => {
            object.always("kernel", count(kernel)).number("stride", f64::from(*stride), f64::from(*kernel))
        }
        Layer::Relu
        | Layer::Sigmoid
        | Layer::Tanh
        | Layer::Gelu
        | Layer::Silu
        | Layer::Softplus
        | Layer::Softmax
        | Layer::BatchNorm
        | Layer::LayerNorm
        | Layer::Flatten => object,
    }
    .done()
}

fn init(init: &Init) -> Node<'_> {
    if let Init::Given { weight, shape, bias } = init {
        let object = Object::new(false).always("weight", nested(shape, weight));
        return match bias {
            Some(bias) => object.always("bias", Node::Numbers(bias)).done(),
            None => object.done(),
        };
    }
    let name = read_model::INITS.iter().find(|(_, named)| named == init);
    Node::Text(name.map_or("default", |(name, _)| name))
}

/// Row-major numbers as nested arrays.
fn nested<'a>(shape: &[usize], values: &'a [f64]) -> Node<'a> {
    match shape {
        [] | [_] => Node::Numbers(values),
        [_, inner @ ..] => {
            let size = inner.iter().product::<usize>().max(1);
            Node::List(values.chunks(size).map(|chunk| nested(inner, chunk)).collect())
        }
    }
}

fn optimizer(optimizer: &Optimizer, full: bool) -> Node<'_> {
    let object = Object::tagged("type", optimizer.kind(), full);
    let object = match (*optimizer, Optimizer::default_of(optimizer.index())) {
        (
            Optimizer::Sgd { lr, momentum, dampening, nesterov, weight_decay },
            Optimizer::Sgd { lr: usual, .. },
        ) => object
            .number("lr", lr, usual)
            .number("momentum", momentum, 0.0)
            .number("dampening", dampening, 0.0)
            .boolean("nesterov", nesterov, false)
            .number("weight_decay", weight_decay, 0.0),
        (
            Optimizer::Adam { lr, betas, eps, weight_decay, amsgrad },
            Optimizer::Adam { lr: usual, betas: usual_betas, eps: usual_eps, weight_decay: decay, .. },
        )
        | (
            Optimizer::AdamW { lr, betas, eps, weight_decay, amsgrad },
            Optimizer::AdamW { lr: usual, betas: usual_betas, eps: usual_eps, weight_decay: decay, .. },
        ) => object
            .number("lr", lr, usual)
            .unless(betas == usual_betas, "betas", || Node::List(betas.map(Node::Number).into()))
            .number("eps", eps, usual_eps)
            .number("weight_decay", weight_decay, decay)
            .boolean("amsgrad", amsgrad, false),
        (
            Optimizer::RmsProp { lr, alpha, eps, weight_decay, momentum, centered },
            Optimizer::RmsProp { lr: usual, alpha: usual_alpha, eps: usual_eps, .. },
        ) => object
            .number("lr", lr, usual)
            .number("alpha", alpha, usual_alpha)
            .number("eps", eps, usual_eps)
            .number("weight_decay", weight_decay, 0.0)
            .number("momentum", momentum, 0.0)
            .boolean("centered", centered, false),
        (
            Optimizer::Adagrad { lr, lr_decay, weight_decay, initial_accumulator_value, eps },
            Optimizer::Adagrad { lr: usual, eps: usual_eps, .. },
        ) => object
            .number("lr", lr, usual)
            .number("lr_decay", lr_decay, 0.0)
            .number("weight_decay", weight_decay, 0.0)
            .number("initial_accumulator_value", initial_accumulator_value, 0.0)
            .number("eps", eps, usual_eps),
        _ => unreachable!("the default is of the same type"),
    };
    object.done()
}

fn schedule(schedule: &Schedule, full: bool) -> Node<'_> {
    let object = Object::tagged("type", schedule.kind(), full);
    match *schedule {
        Schedule::Step { step_size, gamma } => {
            object.always("step_size", Node::Number(f64::from(step_size))).number("gamma", gamma, 0.1)
        }
        Schedule::Exponential { gamma } => object.always("gamma", Node::Number(gamma)),
        Schedule::Cosine { t_max } => object.always("T_max", Node::Number(f64::from(t_max))),
    }
    .done()
}

fn stop(stop: &Stop) -> Node<'static> {
    let mut object = Object::new(false);
    if let Some(loss) = stop.loss {
        object = object.always("loss", Node::Number(loss));
    }
    if let Some(patience) = stop.patience {
        object = object.always("patience", Node::Number(f64::from(patience)));
    }
    object.done()
}

fn gradient(gradient: Gradient) -> Node<'static> {
    match gradient {
        Gradient::Autograd => Node::Text("autograd"),
        Gradient::FiniteDifference(step) => Node::Object(vec![("finite_difference", Node::Number(step))]),
    }
}

fn comparison(comparison: &Comparison) -> Node<'_> {
    let set = comparison.set.iter().map(|(path, value)| (&**path, Node::of(value)));
    Node::Object(vec![("label", Node::Text(&comparison.label)), ("set", Node::Object(set.collect()))])
}
