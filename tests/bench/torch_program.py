"""PyTorch, eagerly and on one thread, as a program that the runner talks to: JSON lines in, JSON lines out.

    torch_program.py DATA              answers {"prepare": id, "seconds": s} and {"measure": s, "warm_up": s}
    torch_program.py DATA --reference  prints the losses that everybody's are compared with

DATA is a folder with ID.json and ID.bin for each workload: what it is, and its arrays as float32 (workloads.mjs).
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
DATA = Path(sys.argv[1])
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
LOSSES = {
    "mse": F.mse_loss,
    "half_mse": lambda output, target: F.mse_loss(output, target) * 0.5,
    "cross_entropy": F.cross_entropy,
}


def load(name):
    workload = json.loads((DATA / f"{name}.json").read_text())
    values = np.fromfile(DATA / f"{name}.bin", dtype=np.float32)
    workload["arrays"], at = [], 0
    for length in workload["lengths"]:
        workload["arrays"].append(torch.from_numpy(values[at : at + length].copy()))
        at += length
    return workload


def modules(layers):
    for layer in layers:
        match layer["type"]:
            case "linear":
                yield nn.Linear(layer["in"], layer["out"])
            case "conv2d":
                yield nn.Conv2d(layer["in"], layer["out"], layer["kernel"])
            case "max_pool2d":
                yield nn.MaxPool2d(layer["kernel"])
            case "flatten":
                yield nn.Flatten()
        if layer.get("activation", "none") != "none":
            yield ACTIVATIONS[layer["activation"]]()


class Training:
    def __init__(self, workload, dtype=torch.float32):
        self.workload = workload
        inputs, targets, *self.parameters = workload["arrays"]
        rows, batch = workload["rows"], workload["batch"]
        inputs = inputs.to(dtype).reshape(rows, *workload["inputShape"])
        classes = workload["classes"] > 0
        targets = targets.to(torch.int64) if classes else targets.to(dtype).reshape(rows, 1)
        cuts = [slice(at * batch, (at + 1) * batch) for at in range(workload["batches"])]
        self.batches = [(inputs[cut].clone(), targets[cut].clone()) for cut in cuts]
        self.loss = LOSSES[workload["loss"]]
        self.model = nn.Sequential(*modules(workload["layers"])).to(dtype)
        self.reset()

    def reset(self):
        with torch.no_grad():
            for parameter, values in zip(self.model.parameters(), self.parameters, strict=True):
                parameter.copy_(values.reshape(parameter.shape))
        options = dict(self.workload["optimizer"])
        kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[options.pop("type")]
        self.optimizer = kind(self.model.parameters(), **options)
        self.step = 0

    def run(self, steps):
        for _ in range(steps):
            inputs, targets = self.batches[self.step % len(self.batches)]
            self.step += 1
            self.optimizer.zero_grad()
            loss = self.loss(self.model(inputs), targets)
            loss.backward()
            self.optimizer.step()
        return loss.item()


class Product:
    def __init__(self, workload):
        m, k, n = workload["m"], workload["k"], workload["n"]
        left, right = workload["arrays"]
        self.left, self.right = left.reshape(m, k), right.reshape(k, n)

    def reset(self):
        pass

    def run(self, times):
        for _ in range(times):
            self.result = self.left @ self.right


work, chunk, most = None, 1, None


def prepare(name, seconds):
    global work, chunk, most
    workload = load(name)
    if workload["kind"] == "product":
        work, chunk, most = Product(workload), 1, float("inf")
        work.run(1)
        found = work.result.reshape(-1)
        errors = [abs(found[check["index"]].item() - check["value"]) for check in workload["checks"]]
        return {"error": max(errors)}
    work, most = Training(workload), workload["resetEvery"]
    losses, done, begun = [], 0, time.perf_counter()
    for check in workload["checks"]:
        while done < check:
            steps = min(workload["chunk"], check - done)
            loss = work.run(steps)
            done += steps
        losses.append([check, loss])
        if check == 1:
            begun = time.perf_counter()
    step = (time.perf_counter() - begun) / (done - 1)
    chunk = max(1, min(workload["chunk"], int(seconds / step)))
    return {"losses": losses}


def segment(seconds):
    work.reset()
    begun, steps = time.perf_counter(), 0
    while True:
        work.run(chunk)
        steps += chunk
        elapsed = time.perf_counter() - begun
        if elapsed >= seconds or steps >= most:
            return steps, elapsed


def measure(seconds, warm_up):
    while warm_up > 0:
        warm_up -= segment(warm_up)[1]
    total, spent = 0, 0.0
    while spent < seconds:
        steps, elapsed = segment(seconds - spent)
        total += steps
        spent += elapsed
    return {"steps": total, "ms": spent * 1000}


def reference():
    losses = {}
    for file in sorted(DATA.glob("*.json")):
        workload = load(file.stem)
        if workload["kind"] != "training":
            continue

        def after_checks():
            # In float64, so that nobody's roundings are measured against another's.
            training, done, found = Training(workload, torch.float64), 0, []
            for check in workload["checks"]:
                found.append([check, training.run(check - done)])
                done = check
            return found

        trained = after_checks()
        # The same losses when nothing is learnt: how far training moves the loss says how near is near.
        workload["optimizer"]["lr"] = 0.0
        losses[workload["id"]] = {"trained": trained, "frozen": after_checks()}
    return {"torch": torch.__version__, "losses": losses}


def say(message):
    print(json.dumps(message), flush=True)


if "--reference" in sys.argv:
    say(reference())
    sys.exit()
say({"torch": torch.__version__, "capability": torch.backends.cpu.get_cpu_capability()})
for line in sys.stdin:
    request = json.loads(line)
    try:
        if "prepare" in request:
            say(prepare(request["prepare"], request["seconds"]))
        else:
            say(measure(request["measure"], request["warm_up"]))
    except Exception as error:  # told, so that the others go on
        say({"failed": f"{type(error).__name__}: {error}"})
