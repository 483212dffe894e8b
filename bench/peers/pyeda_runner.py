# The runner (bench/README.md, "Runners") of the Python package pyeda, whose minimiser is Espresso
# 2.3 as a C extension. What is timed is the call of the extension, with a list of tuples in and a
# set of tuples out: what the package's own functions hand to it and get back.

import importlib.metadata
import json
import resource
import sys
import time

from pyeda.boolalg.espresso import DTYPE, FTYPE, RTYPE, espresso, set_config

INPUT = {"0": 1, "1": 2, "-": 3}
SYMBOL = {1: "0", 2: "1", 3: "-"}


class Function:
    """A function, ready for the extension: outputs are 0, 1 (ON) or 2 (DC)."""

    def __init__(self, header, lines):
        _, self.name, inputs, outputs, on, dc, off = header.split(" ")
        self.inputs, self.outputs = int(inputs), int(outputs)
        self.cover = []
        for count, value in ((on, 1), (dc, 2), (off, 0)):
            if count == "-":
                continue
            if value == 0:
                raise ValueError("an OFF set beside ON and DC is not supported")
            for _ in range(int(count)):
                left, right = next(lines).split(" ")
                cube = tuple(INPUT[symbol] for symbol in left)
                self.cover.append((cube, tuple(value if symbol == "1" else 0 for symbol in right)))
        self.kind = FTYPE if dc == "-" else FTYPE | DTYPE

    def minimize(self):
        return espresso(self.inputs, self.outputs, self.cover, intype=self.kind)


class Runner:
    functions = []
    results = []

    def load(self, path):
        with open(path, encoding="utf-8") as file:
            lines = iter(file.read().splitlines())
        self.functions = [Function(line, lines) for line in lines]
        return {"functions": len(self.functions)}

    def run(self, variant, count):
        set_config(
            single_expand=False,
            remove_essential=True,
            force_irredundant=True,
            unwrap_onset=True,
            recompute_onset=False,
            use_super_gasp=variant == "strong",
        )
        wall, self.results, failed = [], [], {}
        cpu = time.process_time_ns()
        for index, function in enumerate(self.functions):
            result = set()
            start = time.perf_counter_ns()
            try:
                for _ in range(int(count)):
                    result = function.minimize()
            except Exception as error:  # the extension's own errors have no common class
                failed[index] = str(error)
            wall.append((time.perf_counter_ns() - start) / int(count))
            self.results.append(list(result))
        return {
            "wall": wall,
            "cpu": (time.process_time_ns() - cpu) / int(count),
            "cubes": [len(cubes) for cubes in self.results],
            "inputLiterals": [sum(part != 3 for c in r for part in c[0]) for r in self.results],
            "outputLiterals": [sum(part == 1 for c in r for part in c[1]) for r in self.results],
            "failed": failed,
        }

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            for function, cubes in zip(self.functions, self.results):
                head = f"{function.name} {function.inputs} {function.outputs} {len(cubes)}"
                file.write(f".function {head} - -\n")
                for left, right in cubes:
                    inputs = "".join(SYMBOL[part] for part in left)
                    outputs = "".join("1" if part == 1 else "0" for part in right)
                    file.write(f"{inputs} {outputs}\n")
        return {}

    def memory(self):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return {"resident": None, "peak": peak}

    reset = memory


def answer(value):
    sys.stdout.write(f"@{json.dumps(value)}\n")
    sys.stdout.flush()


runner = Runner()
answer({
    "name": "pyeda",
    "version": importlib.metadata.version("pyeda"),
    "variants": ["default", "strong"],
})
for request in sys.stdin:
    name, *words = request.rstrip("\n").split("\t")
    if name == "quit":
        break
    try:
        answer(getattr(runner, name)(*words))
    except Exception as error:
        answer({"error": str(error) or type(error).__name__})
