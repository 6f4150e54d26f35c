//! Tables from text: CSV as spreadsheets and statistics programs write it.

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
pub fn read_csv(text: &str) -> Result<Table, CsvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separator = separator(text);
    let mut lines = records(text, separator)?;
    let Some((_, first)) = lines.first() else { return Err(whole("there are no rows")) };
    let width = first.len();
    let decimal_comma = separator != b',';
    let names: Vec<String> = if has_header(&lines, decimal_comma) {
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
