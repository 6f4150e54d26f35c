//! Tables from text: CSV as spreadsheets and statistics programs write it.

use crate::error::Error;
use crate::tensor::Tensor;
use csv::{ReaderBuilder, StringRecord};
use std::fmt;

/// A column of numbers, or of classes with names.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// From the header, or `x1`, `x2`, …
    pub name: String,
    /// Numbers; for text, the place of its class in `classes`
    pub values: Vec<f64>,
    /// What the texts of a text column are, in alphabetical order; None for numbers
    pub classes: Option<Vec<String>>,
}

/// Columns of one length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The columns in order
    pub columns: Vec<Column>,
}

impl Table {
    /// The number of rows, without the header.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The columns with these names side by side: `[rows, names]`, f32.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn tensor(&self, names: &[&str]) -> Result<Tensor, Error> {
        let find = |name: &&str| {
            let column = self.columns.iter().find(|column| column.name == **name);
            column.ok_or_else(|| Error::Value(format!("the table has no column {name:?}")))
        };
        let columns = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let rows = (0..self.rows()).flat_map(|row| columns.iter().map(move |c| c.values[row] as f32));
        Tensor::from_vec(rows.collect(), &[self.rows(), columns.len()])
    }

    /// The whole numbers of a column, such as the classes of a column of text: `[rows]`, i64.
    ///
    /// # Errors
    /// When there is no such column, or a number in it is not whole.
    pub fn classes(&self, name: &str) -> Result<Tensor, Error> {
        let column = self.columns.iter().find(|column| column.name == name);
        let column = column.ok_or_else(|| Error::Value(format!("the table has no column {name:?}")))?;
        if let Some(value) = column.values.iter().find(|value| value.fract() != 0.0) {
            return Err(Error::Value(format!("column {name:?}: {value} is not a class")));
        }
        Tensor::from_vec(column.values.iter().map(|&value| value as i64).collect(), &[self.rows()])
    }
}

/// What is known of a text beforehand. What is not, is guessed: see [`read_csv`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CsvOptions {
    /// What stands between cells
    pub separator: Option<char>,
    /// Whether the first row has the names of the columns
    pub header: Option<bool>,
    /// Whether numbers have a comma where others have a point
    pub decimal_comma: Option<bool>,
}

/// Why a text is not a table. Lines and columns are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvError {
    /// The line of the text, if the problem is at one
    pub line: Option<u64>,
    /// The name of the column, if the problem is in one
    pub column: Option<String>,
    /// What is wrong
    pub message: String,
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "row {line}, ")?;
        }
        if let Some(column) = &self.column {
            write!(f, "column {column:?}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for CsvError {}

/// A record and the line where it starts.
type Line = (u64, StringRecord);

/// Reads a table. Separators are commas, semicolons or tabs, whichever the first line has most of outside
/// of quotes; a header is a first row without numbers above a column with numbers, or without a text that comes
/// again below it; numbers may have a decimal comma where the separator is not one. A column with anything
/// but numbers is one of classes. Empty lines are left out.
///
/// # Errors
/// For no rows, rows of different lengths and empty cells, with their line and column.
///
/// ```
/// let table = gradus::data::read_csv("size;kind\n1,5;cat\n2,25;dog\n")?;
/// assert_eq!(table.columns[1].classes.as_deref().unwrap(), ["cat", "dog"]);
/// assert_eq!(table.tensor(&["size"])?.to_vec::<f32>()?, [1.5, 2.25]);
/// assert_eq!(table.classes("kind")?.to_vec::<i64>()?, [0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_csv(text: &str) -> Result<Table, CsvError> {
    read_csv_with(text, CsvOptions::default())
}

/// As [`read_csv`], for a text of which something is known.
///
/// # Errors
/// As [`read_csv`]; also for a separator that is not ASCII.
pub fn read_csv_with(text: &str, options: CsvOptions) -> Result<Table, CsvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separator = match options.separator {
        None => separator(text),
        Some(given) => u8::try_from(given)
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| whole("the separator is not ASCII"))?,
    };
    let mut lines = records(text, separator)?;
    let Some((_, first)) = lines.first() else { return Err(whole("there are no rows")) };
    let width = first.len();
    let decimal_comma = options.decimal_comma.unwrap_or(separator != b',');
    let names: Vec<String> = if options.header.unwrap_or_else(|| has_header(&lines, decimal_comma)) {
        let (_, header) = lines.remove(0);
        unique_names(&header)
    } else {
        (1..=width).map(|i| format!("x{i}")).collect()
    };
    if lines.is_empty() {
        return Err(whole("there is a header and no rows"));
    }
    let columns = names.into_iter().enumerate().map(|(i, name)| column(i, name, &lines, decimal_comma));
    Ok(Table { columns: columns.collect::<Result<_, _>>()? })
}

fn whole(message: &str) -> CsvError {
    CsvError { line: None, column: None, message: message.into() }
}

fn separator(text: &str) -> u8 {
    let mut counts = [(b'\t', 0), (b';', 0), (b',', 0)];
    let mut quoted = false;
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(s, _)| *s == byte).for_each(|(_, n)| *n += 1),
        }
    }
    // The first of equal ones: a tab or a semicolon is seldom part of a text.
    counts.into_iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(s, _)| s)
}

fn records(text: &str, separator: u8) -> Result<Vec<Line>, CsvError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines: Vec<Line> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| whole(&e.to_string()))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        if let Some((_, first)) = lines.first()
            && first.len() != record.len()
        {
            let message = format!("expected {} cells as in the first row, got {}", first.len(), record.len());
            return Err(CsvError { line: Some(line), column: None, message });
        }
        lines.push((line, record));
    }
    Ok(lines)
}

/// A number as programs write it. Words such as `inf` are text.
fn number(cell: &str, decimal_comma: bool) -> Option<f64> {
    let numeric = |c: char| c.is_ascii_digit() || "+-.,eE".contains(c);
    if !cell.chars().all(numeric) || !cell.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let value = if decimal_comma && cell.matches(',').count() == 1 && !cell.contains('.') {
        cell.replace(',', ".").parse()
    } else {
        cell.parse()
    };
    value.ok().filter(|v: &f64| v.is_finite())
}

fn has_header(lines: &[Line], decimal_comma: bool) -> bool {
    let [(_, first), rest @ ..] = lines else { return false };
    if first.iter().any(|cell| number(cell, decimal_comma).is_some()) {
        return false;
    }
    let below = |i: usize| rest.iter().map(move |(_, record)| &record[i]);
    let over_numbers = (0..first.len()).any(|i| {
        let mut cells = below(i).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| number(cell, decimal_comma).is_some())
    });
    over_numbers
        || (!rest.is_empty() && first.iter().enumerate().all(|(i, cell)| below(i).all(|c| c != cell)))
}

/// Names of the header; empty ones are numbered, and one that was there before gets its place.
fn unique_names(header: &StringRecord) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (i, cell) in header.iter().enumerate() {
        let mut name = if cell.is_empty() { format!("x{}", i + 1) } else { cell.to_string() };
        while names.contains(&name) {
            name = format!("{name}.{}", i + 1);
        }
        names.push(name);
    }
    names
}

fn column(i: usize, name: String, lines: &[Line], decimal_comma: bool) -> Result<Column, CsvError> {
    if let Some((line, _)) = lines.iter().find(|(_, record)| record[i].is_empty()) {
        return Err(CsvError { line: Some(*line), column: Some(name), message: "the cell is empty".into() });
    }
    let cells = || lines.iter().map(|(_, record)| &record[i]);
    if let Some(values) = cells().map(|cell| number(cell, decimal_comma)).collect() {
        return Ok(Column { name, values, classes: None });
    }
    let mut classes: Vec<String> = cells().map(str::to_string).collect();
    classes.sort_unstable();
    classes.dedup();
    let place = |cell: &str| classes.binary_search_by(|class| class.as_str().cmp(cell)).unwrap_or(0) as f64;
    let values = cells().map(place).collect();
    Ok(Column { name, values, classes: Some(classes) })
}
