"""Shared by the checks of transformers: tiny models made in memory and their training; nothing is downloaded."""

from __future__ import annotations

import contextlib
import os
import tempfile

from ..agreement import agreement
from ..fingerprint import digest
from ..process import child, restore
from ..torch import _state

CHILD_SECONDS = 300
SEED, STEPS = 20260505, 3
ROWS, LENGTH, WORDS, WIDTH = 8, 16, 64, 32
REDUCTION = ROWS * LENGTH
"""Elements summed behind a gradient: every position of every row."""


@contextlib.contextmanager
def seeded():
    """`transformers.set_seed` for the duration; restores generators and surroundings. Does not contact the hub."""
    import transformers

    with restore.kept(), _state.seeded(SEED):
        os.environ["HF_HUB_OFFLINE"] = "1"
        transformers.set_seed(SEED)
        yield


def causal(dropout, attention="sdpa"):
    """A GPT-2 of two layers."""
    import transformers

    config = transformers.GPT2Config(
        vocab_size=WORDS,
        n_positions=2 * LENGTH,
        n_embd=WIDTH,
        n_layer=2,
        n_head=2,
        resid_pdrop=dropout,
        embd_pdrop=dropout,
        attn_pdrop=dropout,
        bos_token_id=0,
        eos_token_id=WORDS - 1,
        pad_token_id=WORDS - 1,
        attn_implementation=attention,
        loss_type="ForCausalLM",
    )
    return transformers.GPT2LMHeadModel(config)


def grouped(attention):
    """A Llama of two layers, whose attention heads share keys and values."""
    import transformers

    config = transformers.LlamaConfig(
        vocab_size=WORDS,
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2 * LENGTH,
        attn_implementation=attention,
        loss_type="ForCausalLM",
    )
    return transformers.LlamaForCausalLM(config)


def words():
    """Words (ROWS, LENGTH) and their mask, whose last rows are padded, from a separate NumPy generator."""
    import numpy
    import torch

    drawn = torch.from_numpy(numpy.random.RandomState(7).randint(0, WORDS - 1, (ROWS, LENGTH)))
    mask = torch.ones_like(drawn)
    mask[ROWS // 2 :, LENGTH - 4 :] = 0
    return drawn, mask


def trainers(model):
    """AdamW and a schedule of transformers."""
    import torch
    import transformers

    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    return optimizer, transformers.get_cosine_schedule_with_warmup(optimizer, 2, 4 * STEPS)


def train(model, optimizer, schedule, steps):
    """Train that many steps; returns the losses."""
    drawn, mask = words()
    losses = []
    for _ in range(steps):
        loss = model(input_ids=drawn, attention_mask=mask, labels=drawn.masked_fill(mask == 0, -100)).loss
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.detach())
    return losses


def gradients(run, model):
    """Loss, unpadded logits and each parameter's gradient of one step through `run`."""
    drawn, mask = words()
    model.zero_grad()
    result = run(input_ids=drawn, attention_mask=mask, labels=drawn.masked_fill(mask == 0, -100))
    result.loss.backward()
    named = {"gradient %s" % name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    named = {name: array for name, array in named.items() if "k_proj.bias" not in name}
    return dict(named, loss=result.loss.detach(), logits=result.logits.detach()[mask == 1])


def compared(prefix, plain, other, exact):
    """Agreement of every tensor of two steps, with float64 as reference."""
    return {prefix + name: agreement(plain[name], other[name], exact[name], REDUCTION) for name in plain}


def resume():
    """Digests after continuing in this process, and in a fresh one from the checkpoint."""
    import torch

    with seeded(), tempfile.TemporaryDirectory() as folder:
        model = causal(dropout=0.1).train()
        optimizer, schedule = trainers(model)
        train(model, optimizer, schedule, STEPS)
        model.save_pretrained(folder)
        rest = {"optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "torch": torch.get_rng_state()}
        torch.save(rest, os.path.join(folder, "rest.pt"))
        expected = _continued(model, optimizer, schedule)
        observed = child.run("transformers._contract.resumed", {"folder": folder}, timeout_seconds=CHILD_SECONDS)
    return {name: {"expected": value, "observed": observed.get(name)} for name, value in expected.items()}


def resumed(arguments):
    """In the child: `from_pretrained`, load the rest as the Trainer saves it, and continue training."""
    import torch
    import transformers

    with seeded():
        model = transformers.GPT2LMHeadModel.from_pretrained(arguments["folder"]).train()
        optimizer, schedule = trainers(model)
        rest = torch.load(os.path.join(arguments["folder"], "rest.pt"), weights_only=True)
        optimizer.load_state_dict(rest["optimizer"])
        schedule.load_state_dict(rest["schedule"])
        torch.set_rng_state(rest["torch"])
        return _continued(model, optimizer, schedule)


def _continued(model, optimizer, schedule):
    import torch

    losses = train(model, optimizer, schedule, STEPS)
    states = optimizer.state_dict()["state"]
    return {
        "losses": digest(losses),
        "weights": digest(model.state_dict()),
        "optimizer": digest([dict(states[number]) for number in sorted(states)]),
        "learning rate": digest(schedule.get_last_lr()),
        "generator": digest(torch.get_rng_state()),
    }
