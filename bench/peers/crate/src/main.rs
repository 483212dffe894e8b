// A runner of the benchmarks (bench/README.md, "Runners") around the crate espresso-logic: reads
// requests on standard input, a line each with tabs between the words, and answers each with one
// line of JSON behind an "@". What is timed is what a user of the crate has to do: cubes of this
// program into a cover, minimise, cubes back.

mod function;
mod system;

use espresso_logic::espresso::{CubeType, Espresso, EspressoCover};
use espresso_logic::EspressoConfig;
use function::{Cube, Function};
use std::io::{BufRead, Write};
use std::time::Instant;

const VERSION: &str = "5.6.4";

fn main() {
    let mut runner = Runner::default();
    answer(&format!(
        "{{\"name\":\"espresso-logic\",\"version\":\"{VERSION}\",\"variants\":[\"default\",\"strong\",\"exact\"]}}"
    ));
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line of text");
        let words: Vec<&str> = line.split('\t').collect();
        match runner.obey(&words) {
            Ok(Some(text)) => answer(&text),
            Ok(None) => return,
            Err(why) => answer(&format!("{{\"error\":\"{}\"}}", escape(&why))),
        }
    }
}

fn answer(json: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "@{json}")
        .and_then(|()| out.flush())
        .expect("standard output");
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "'")
        .replace('\n', " ")
}

#[derive(Default)]
struct Runner {
    functions: Vec<Function>,
    results: Vec<Vec<Cube>>,
}

impl Runner {
    /// Carries out one request; `None` ends the program.
    fn obey(&mut self, words: &[&str]) -> Result<Option<String>, String> {
        match *words {
            ["load", path] => {
                self.functions = function::read(path)?;
                self.results.clear();
                Ok(Some(format!("{{\"functions\":{}}}", self.functions.len())))
            }
            ["run", variant, count] => {
                let count: u32 = count.parse().map_err(|_| "count: no number".to_string())?;
                self.run(&config(variant)?, variant == "exact", count.max(1))
                    .map(Some)
            }
            ["write", path] => {
                function::write(path, &self.functions, &self.results)?;
                Ok(Some("{}".to_string()))
            }
            ["reset"] => {
                system::reset_peak();
                Ok(Some(memory()))
            }
            ["memory"] => Ok(Some(memory())),
            ["quit"] => Ok(None),
            _ => Err(format!("request not known: {}", words.join(" "))),
        }
    }

    /// Minimises every function `count` times; the times are means over these.
    fn run(
        &mut self,
        config: &EspressoConfig,
        exact: bool,
        count: u32,
    ) -> Result<String, String> {
        let mut walls = Vec::with_capacity(self.functions.len());
        let mut results = Vec::with_capacity(self.functions.len());
        let cpu = system::cpu_nanoseconds();
        for function in &self.functions {
            let start = Instant::now();
            let mut cubes = Vec::new();
            for _ in 0..count {
                cubes = minimize(function, config, exact)?;
            }
            walls.push(start.elapsed().as_nanos() as f64 / f64::from(count));
            results.push(cubes);
        }
        let cpu = (system::cpu_nanoseconds() - cpu) / f64::from(count);
        let counts: Vec<String> = results
            .iter()
            .map(|cubes| cubes.len().to_string())
            .collect();
        let inputs: Vec<String> = results.iter().map(|cubes| input_literals(cubes)).collect();
        let outputs: Vec<String> = results.iter().map(|cubes| output_literals(cubes)).collect();
        let walls: Vec<String> = walls.iter().map(|wall| format!("{wall:.0}")).collect();
        self.results = results;
        Ok(format!(
            "{{\"wall\":[{}],\"cpu\":{cpu:.0},\"cubes\":[{}],\"inputLiterals\":[{}],\
             \"outputLiterals\":[{}]}}",
            walls.join(","),
            counts.join(","),
            inputs.join(","),
            outputs.join(",")
        ))
    }
}

fn config(variant: &str) -> Result<EspressoConfig, String> {
    match variant {
        "default" | "exact" => Ok(EspressoConfig::default()),
        "strong" => Ok(EspressoConfig {
            use_super_gasp: true,
            ..EspressoConfig::default()
        }),
        _ => Err(format!("variant not known: {variant}")),
    }
}

fn memory() -> String {
    let number = |value: Option<u64>| value.map_or("null".to_string(), |bytes| bytes.to_string());
    let (resident, peak) = system::memory();
    format!(
        "{{\"resident\":{},\"peak\":{}}}",
        number(resident),
        number(peak)
    )
}

fn minimize(
    function: &Function,
    config: &EspressoConfig,
    exact: bool,
) -> Result<Vec<Cube>, String> {
    let (inputs, outputs) = (function.inputs, function.outputs);
    let espresso = Espresso::try_new(inputs, outputs, Some(config)).map_err(|e| e.to_string())?;
    let cover = |cubes: &[Cube]| {
        let slices: Vec<(&[u8], &[u8])> = cubes
            .iter()
            .map(|cube| (&cube.inputs[..], &cube.outputs[..]))
            .collect();
        EspressoCover::from_cubes(&slices, inputs, outputs).map_err(|e| e.to_string())
    };
    let on = cover(&function.on)?;
    let dc = function.dc.as_deref().map(cover).transpose()?;
    let off = function.off.as_deref().map(cover).transpose()?;
    let (minimized, _, _) = if exact {
        espresso.try_minimize_exact(&on, dc.as_ref(), off.as_ref())
    } else {
        espresso.try_minimize(&on, dc.as_ref(), off.as_ref())
    }
    .map_err(|e| e.to_string())?;
    let cubes = minimized.to_cubes(inputs, outputs, CubeType::F);
    Ok(cubes
        .map(|cube| Cube {
            inputs: cube
                .inputs()
                .iter()
                .map(|value| value.map_or(2, u8::from))
                .collect(),
            outputs: cube.outputs().iter().map(u8::from).collect(),
        })
        .collect())
}

fn input_literals(cubes: &[Cube]) -> String {
    cubes
        .iter()
        .flat_map(|cube| &cube.inputs)
        .filter(|&&value| value != 2)
        .count()
        .to_string()
}

fn output_literals(cubes: &[Cube]) -> String {
    cubes
        .iter()
        .flat_map(|cube| &cube.outputs)
        .filter(|&&value| value == 1)
        .count()
        .to_string()
}
