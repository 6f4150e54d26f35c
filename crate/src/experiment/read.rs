//! From JSON to an [`Experiment`]: every problem is noted with its path, none is repaired.

use serde_json::Value;

use super::{
    check,
    cursor::{self, Fields, Path},
    document::{Comparison, Data, Device, Experiment, Gradient, Loss, Optimizer, Schedule, VERSION},
    json, limits,
    problem::{Problem, Problems, Range, number, tidy},
    read_data, read_model,
    stop::Stop,
};

/// How a document is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions {
    /// The rows are given apart from the document, so a table may be without any. Whoever adds them
    /// calls [`check`](super::check::check) then.
    pub external_rows: bool,
}

/// Reads a document from JSON text.
///
/// # Errors
/// Everything that is wrong with it, up to [`limits::PROBLEMS`].
pub fn from_text(text: &str, options: ReadOptions) -> Result<Experiment, Problems> {
    let value = json::parse(text).map_err(|problem| Problems(vec![problem]))?;
    from_value(&value, options)
}

/// Reads a document from a JSON value.
///
/// # Errors
/// Everything that is wrong with it, up to [`limits::PROBLEMS`].
pub fn from_value(value: &Value, options: ReadOptions) -> Result<Experiment, Problems> {
    let mut problems = Problems::default();
    match read(value, options, &mut problems) {
        Some(experiment) => {
            check::check_into(&experiment, options, &mut problems);
            problems.or(experiment)
        }
        None => Err(problems),
    }
}

/// Reads a document from JSON text whose table has the cells of its rows apart, row by row: for thousands of rows,
/// text is the slow way. A document with other data, or with rows of its own, takes none.
///
/// # Errors
/// Everything that is wrong with it and with the rows, up to [`limits::PROBLEMS`].
pub fn with_rows(text: &str, cells: Vec<f64>) -> Result<Experiment, Problems> {
    let value = json::parse(text).map_err(|problem| Problems(vec![problem]))?;
    let mut problems = Problems::default();
    match read(&value, ReadOptions { external_rows: true }, &mut problems) {
        Some(mut experiment) => {
            if let Data::Table { rows, .. } = &mut experiment.data
                && rows.is_empty()
            {
                rows.values = cells;
            }
            check::check_into(&experiment, ReadOptions::default(), &mut problems);
            problems.or(experiment)
        }
        None => Err(problems),
    }
}

/// Reads a document from JSON text without checking whether its fields fit together.
///
/// # Errors
/// What is wrong with single fields.
pub fn unchecked(text: &str, options: ReadOptions) -> Result<Experiment, Problems> {
    let value = json::parse(text).map_err(|problem| Problems(vec![problem]))?;
    let mut problems = Problems::default();
    match read(&value, options, &mut problems) {
        Some(experiment) => problems.or(experiment),
        None => Err(problems),
    }
}

/// The fields of a document.
pub(super) const FIELDS: [&str; 18] = [
    "version",
    "title",
    "seed",
    "data",
    "validation",
    "standardize",
    "model",
    "loss",
    "optimizer",
    "schedule",
    "epochs",
    "stop",
    "batch_size",
    "shuffle",
    "device",
    "predict",
    "gradient",
    "compare",
];

/// Reads every field by itself. `None` where there is nothing to make an experiment of; otherwise
/// what is made is right if no problem was noted.
fn read(value: &Value, options: ReadOptions, problems: &mut Problems) -> Option<Experiment> {
    let fields = Fields::open(value, &Path::Root, problems)?;
    version(&fields, problems)?;
    fields.only(&FIELDS, problems);
    let data = fields
        .required("data", problems)
        .and_then(|value| read_data::data(value, &fields.at("data"), options, problems));
    let rest = settings(&fields, problems);
    data.map(|data| Experiment { data, ..rest })
}

/// Reads every field but the data, for which an empty table stands in.
pub(super) fn settings(fields: &Fields<'_>, problems: &mut Problems) -> Experiment {
    let nothing = Data::Bundled { name: String::new() };
    let model = fields
        .required("model", problems)
        .map(|value| read_model::layers(value, &fields.at("model"), problems))
        .unwrap_or_default();
    let mut experiment = Experiment::new(nothing, model);
    if let Some(value) = fields.get("title") {
        let title = cursor::text(value, &fields.at("title"), limits::TITLE, problems);
        experiment.title = title.unwrap_or_default();
    }
    experiment.seed = fields.integer("seed", (0, limits::SEED), Some(0), problems);
    experiment.validation = fields.number("validation", limits::VALIDATION, Some(0.0), problems);
    experiment.standardize = fields.boolean("standardize", false, problems);
    if let Some(value) = fields.get("loss") {
        experiment.loss = loss(value, &fields.at("loss"), problems).unwrap_or(Loss::Mse);
    }
    if let Some(value) = fields.get("optimizer") {
        let read = optimizer(value, &fields.at("optimizer"), problems);
        experiment.optimizer = read.unwrap_or_default();
    }
    if let Some(value) = given(fields, "schedule") {
        experiment.schedule = schedule(value, &fields.at("schedule"), problems);
    }
    experiment.epochs = fields.integer("epochs", (1, limits::EPOCHS), Some(50), problems);
    if let Some(value) = given(fields, "stop") {
        experiment.stop = stop(value, &fields.at("stop"), problems);
    }
    if given(fields, "batch_size").is_some() {
        let size = fields.small("batch_size", (1, limits::BATCH), None, problems);
        experiment.batch_size = Some(size);
    }
    experiment.shuffle = fields.boolean("shuffle", true, problems);
    if let Some(value) = fields.get("device") {
        let names = Device::ALL.map(|(name, _)| name);
        let read = cursor::choice(value, &fields.at("device"), &names, problems);
        experiment.device = Device::ALL[read.unwrap_or(0)].1;
    }
    if let Some(value) = given(fields, "predict") {
        experiment.predict = read_data::predict(value, &fields.at("predict"), problems);
    }
    if let Some(value) = fields.get("gradient") {
        experiment.gradient = gradient(value, &fields.at("gradient"), problems);
    }
    if let Some(value) = given(fields, "compare") {
        experiment.compare = comparisons(value, &fields.at("compare"), problems);
    }
    experiment
}

/// The field, unless it is missing or null.
fn given<'a>(fields: &Fields<'a>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

/// `None`, and a problem, if this is not version 1: the rest could mean anything.
fn version(fields: &Fields<'_>, problems: &mut Problems) -> Option<()> {
    let path = fields.at("version");
    let Some(value) = fields.get("version") else {
        return Some(());
    };
    match value.as_f64() {
        Some(got) if got == f64::from(VERSION) => Some(()),
        Some(got) => {
            problems.push(Problem::unsupported_version(&path, &number(got)));
            None
        }
        None => {
            problems.push(Problem::wrong_type(&path, "integer", &value.into()));
            None
        }
    }
}

fn loss(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Option<Loss> {
    let fields = Fields::open(value, path, problems)?;
    fields.only(&["type"], problems);
    let index = fields.tag("type", &Loss::ALL.map(|(kind, _)| kind), problems)?;
    Some(Loss::ALL[index].1)
}

fn optimizer(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Option<Optimizer> {
    let fields = Fields::open(value, path, problems)?;
    let index = fields.tag("type", &Optimizer::TYPES, problems)?;
    let mut optimizer = Optimizer::default_of(index);
    // Each option's present value is its default.
    let read = |name: &str, value: &mut f64, range, problems: &mut Problems| {
        *value = fields.number(name, range, Some(*value), problems);
    };
    let known: &[&str] = match &mut optimizer {
        Optimizer::Sgd { lr, momentum, dampening, nesterov, weight_decay } => {
            read("lr", lr, Range::Positive, problems);
            read("momentum", momentum, Range::NotNegative, problems);
            read("dampening", dampening, Range::Finite, problems);
            *nesterov = fields.boolean("nesterov", *nesterov, problems);
            read("weight_decay", weight_decay, Range::NotNegative, problems);
            if *nesterov && (*momentum <= 0.0 || *dampening != 0.0) {
                problems.push(Problem::nesterov(&fields.at("nesterov")));
            }
            &["type", "lr", "momentum", "dampening", "nesterov", "weight_decay"]
        }
        Optimizer::Adam { lr, betas, eps, weight_decay, amsgrad }
        | Optimizer::AdamW { lr, betas, eps, weight_decay, amsgrad } => {
            read("lr", lr, Range::Positive, problems);
            if let Some(value) = fields.get("betas") {
                *betas = self::betas(value, &fields.at("betas"), problems).unwrap_or(*betas);
            }
            read("eps", eps, Range::NotNegative, problems);
            read("weight_decay", weight_decay, Range::NotNegative, problems);
            *amsgrad = fields.boolean("amsgrad", *amsgrad, problems);
            &["type", "lr", "betas", "eps", "weight_decay", "amsgrad"]
        }
        Optimizer::RmsProp { lr, alpha, eps, weight_decay, momentum, centered } => {
            read("lr", lr, Range::Positive, problems);
            read("alpha", alpha, Range::NotNegative, problems);
            read("eps", eps, Range::NotNegative, problems);
            read("weight_decay", weight_decay, Range::NotNegative, problems);
            read("momentum", momentum, Range::NotNegative, problems);
            *centered = fields.boolean("centered", *centered, problems);
            &["type", "lr", "alpha", "eps", "weight_decay", "momentum", "centered"]
        }
        Optimizer::Adagrad { lr, lr_decay, weight_decay, initial_accumulator_value, eps } => {
            read("lr", lr, Range::Positive, problems);
            read("lr_decay", lr_decay, Range::NotNegative, problems);
            read("weight_decay", weight_decay, Range::NotNegative, problems);
            let name = "initial_accumulator_value";
            read(name, initial_accumulator_value, Range::NotNegative, problems);
            read("eps", eps, Range::NotNegative, problems);
            &["type", "lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"]
        }
    };
    fields.only(known, problems);
    Some(optimizer)
}

fn betas(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Option<[f64; 2]> {
    let values = cursor::array(value, path, problems)?;
    let [first, second] = values else {
        problems.push(Problem::length_mismatch(path, 2, values.len()));
        return None;
    };
    let range = Range::Below(0.0, 1.0);
    let first = cursor::number(first, &Path::Index(path, 0), range, problems);
    let second = cursor::number(second, &Path::Index(path, 1), range, problems);
    Some([first?, second?])
}

fn schedule(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Option<Schedule> {
    let fields = Fields::open(value, path, problems)?;
    let epochs = (1, limits::PERIOD);
    let (schedule, known): (_, &[&str]) = match fields.tag("type", &Schedule::TYPES, problems)? {
        0 => (
            Schedule::Step {
                step_size: fields.small("step_size", epochs, None, problems),
                gamma: fields.number("gamma", Range::NotNegative, Some(0.1), problems),
            },
            &["type", "step_size", "gamma"],
        ),
        1 => (
            Schedule::Exponential { gamma: fields.number("gamma", Range::NotNegative, None, problems) },
            &["type", "gamma"],
        ),
        _ => (Schedule::Cosine { t_max: fields.small("T_max", epochs, None, problems) }, &["type", "T_max"]),
    };
    fields.only(known, problems);
    Some(schedule)
}

fn stop(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Option<Stop> {
    let fields = Fields::open(value, path, problems)?;
    fields.only(&["loss", "patience"], problems);
    let loss = given(&fields, "loss").map(|_| fields.number("loss", Range::Finite, None, problems));
    let epochs = (1, limits::PERIOD);
    let patience = given(&fields, "patience").map(|_| fields.small("patience", epochs, None, problems));
    // One that stops at nothing is none.
    (loss.is_some() || patience.is_some()).then_some(Stop { loss, patience })
}

fn gradient(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Gradient {
    if value.is_string() {
        cursor::choice(value, path, &["autograd"], problems);
        return Gradient::Autograd;
    }
    let Some(fields) = Fields::open(value, path, problems) else {
        return Gradient::Autograd;
    };
    fields.only(&["finite_difference"], problems);
    Gradient::FiniteDifference(fields.number("finite_difference", limits::NUDGE, None, problems))
}

fn comparisons(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Vec<Comparison> {
    let values = cursor::array(value, path, problems).unwrap_or_default();
    if values.len() > limits::COMPARISONS {
        let (max, got) = (limits::COMPARISONS, values.len());
        problems.push(Problem::too_many(path, "comparisons", max, got));
        return Vec::new();
    }
    let each = values.iter().enumerate();
    each.filter_map(|(index, value)| comparison(value, &Path::Index(path, index), problems)).collect()
}

fn comparison(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Option<Comparison> {
    let fields = Fields::open(value, path, problems)?;
    fields.only(&["label", "set"], problems);
    let label = match fields.get("label") {
        Some(value) => cursor::text(value, &fields.at("label"), limits::NAME, problems),
        None => Some(String::new()),
    };
    let path = fields.at("set");
    let set = fields.required("set", problems)?;
    let Some(set) = set.as_object() else {
        problems.push(Problem::wrong_type(&path, "object", &set.into()));
        return None;
    };
    if set.len() > limits::SETTINGS {
        let (max, got) = (limits::SETTINGS, set.len());
        problems.push(Problem::too_many(&path, "settings", max, got));
        return None;
    }
    // In alphabetical order, as serde_json's map is
    let set: Vec<_> = set.iter().map(|(path, value)| (path.clone(), plain(value))).collect();
    debug_assert!(set.is_sorted_by_key(|(path, _)| path));
    Some(Comparison { label: label?, set })
}

/// The value with one form for each number: `1.0` is `1`.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => tidy(number.as_f64().unwrap_or(0.0)),
        Value::Array(values) => values.iter().map(plain).collect(),
        Value::Object(fields) => {
            // One by one: collecting would sort first, with code of its own.
            let mut object = serde_json::Map::new();
            for (name, value) in fields {
                object.insert(name.clone(), plain(value));
            }
            Value::Object(object)
        }
        other => other.clone(),
    }
}
