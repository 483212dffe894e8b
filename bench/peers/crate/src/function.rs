// The text in which the benchmarks hand functions to every runner (bench/common/function_text.ts):
//
//     .function NAME INPUTS OUTPUTS ON DC OFF
//     01- 10
//
// with so many lines for the ON, the DC and the OFF set; `-` for a set that is not given.

use std::fs;

/// A product term: 0, 1 or 2 (either) for each input, 1 for each output that it belongs to.
pub struct Cube {
    pub inputs: Vec<u8>,
    pub outputs: Vec<u8>,
}

/// A function as the benchmarks give it.
pub struct Function {
    pub name: String,
    pub inputs: usize,
    pub outputs: usize,
    pub on: Vec<Cube>,
    pub dc: Option<Vec<Cube>>,
    pub off: Option<Vec<Cube>>,
}

/// All functions of a file.
pub fn read(path: &str) -> Result<Vec<Function>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let mut lines = text.lines();
    let mut functions = Vec::new();
    while let Some(line) = lines.next() {
        let words: Vec<&str> = line.split(' ').collect();
        let [".function", name, inputs, outputs, on, dc, off] = words[..] else {
            return Err(format!("expected .function, got {line}"));
        };
        functions.push(Function {
            name: name.to_string(),
            inputs: number(inputs)?,
            outputs: number(outputs)?,
            on: cubes(&mut lines, on)?.unwrap_or_default(),
            dc: cubes(&mut lines, dc)?,
            off: cubes(&mut lines, off)?,
        });
    }
    Ok(functions)
}

/// Writes what the functions became: ON sets alone.
pub fn write(path: &str, functions: &[Function], results: &[Vec<Cube>]) -> Result<(), String> {
    let mut text = String::new();
    for (function, cubes) in functions.iter().zip(results) {
        let Function {
            name,
            inputs,
            outputs,
            ..
        } = function;
        text += &format!(".function {name} {inputs} {outputs} {} - -\n", cubes.len());
        for cube in cubes {
            text.extend(
                cube.inputs
                    .iter()
                    .map(|&value| ['0', '1', '-'][usize::from(value)]),
            );
            text.push(' ');
            text.extend(
                cube.outputs
                    .iter()
                    .map(|&value| ['0', '1'][usize::from(value)]),
            );
            text.push('\n');
        }
    }
    fs::write(path, text).map_err(|error| format!("{path}: {error}"))
}

fn number(word: &str) -> Result<usize, String> {
    word.parse().map_err(|_| format!("{word}: no number"))
}

fn cubes<'a>(
    lines: &mut impl Iterator<Item = &'a str>,
    count: &str,
) -> Result<Option<Vec<Cube>>, String> {
    if count == "-" {
        return Ok(None);
    }
    (0..number(count)?)
        .map(|_| {
            let line = lines.next().ok_or("the file ends too early")?;
            let (inputs, outputs) = line.split_once(' ').ok_or("a cube without outputs")?;
            Ok(Cube {
                inputs: inputs.bytes().map(input).collect(),
                outputs: outputs
                    .bytes()
                    .map(|symbol| u8::from(symbol == b'1'))
                    .collect(),
            })
        })
        .collect::<Result<Vec<_>, String>>()
        .map(Some)
}

fn input(symbol: u8) -> u8 {
    match symbol {
        b'0' => 0,
        b'1' => 1,
        _ => 2,
    }
}
