"""
Replay: runs an experiment several times; if the runs differ, names the first operation that does, its cause and cure.

The algorithm, in the order in which it runs:

1. **Record** (`runs`, `trace`). The command runs unchanged under the recorder (`checks/recorders/replay`). It writes
   one stream of records for each task of each process. Baseline runs use the base tier: a digest of each output, no
   inputs. `trace` reads the streams.
2. **Align** (`alignment`). Streams of the same task are compared by their bytes up to the first difference, then event
   by event; a gap stands where the runs took different steps. If no baseline run differs, the verdict is `identical`.
3. **Propagate taint** (`provenance`). The command runs again in the detail tier, with a digest of each input and the
   record that wrote it. A step that differs although its inputs are equal begins a difference: a new taint. Whatever
   received the difference carries that taint. The origin is the first taint that reaches something the program reads,
   prints or saves.
4. **Intervene** (`cause`). The evidence at the origin gives hypotheses, each with a factor that removes the cause.
   Under the factor the origin must vanish, and it must return when the factor is released; Fisher's exact test excludes
   chance. Further runs locate the Python statement, or the operation inside a compiled region.
5. **Report** (`evidence`, `result`, `model`). How far the outputs differ, the metric's spread, a tested reproducer,
   and the result as JSON. `auditor.render.replay` writes it for people.

`session` makes the baseline runs and the verdict, `explanation` does steps 3 to 5 for a divergence. `compare_traces`
does step 2 alone, on two traces that were recorded apart. Everything in a trace is hostile data.
"""
