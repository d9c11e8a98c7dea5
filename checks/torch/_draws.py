"""Every way in which a torch program draws random numbers, by name."""

from __future__ import annotations

import random

DRAWN = 64
"""Values of one draw: enough that two seeds do not give the same integers or masks by chance."""


def host_draws():
    """Draws of the other generators that augmentation and initialisation use."""
    import numpy

    return {
        "python random": lambda: [random.random() for _ in range(8)],
        "python shuffle": lambda: random.sample(range(DRAWN), DRAWN),
        "numpy uniform": lambda: numpy.random.rand(8),
        "numpy normal": lambda: numpy.random.normal(size=9),
        "numpy permutation": lambda: numpy.random.permutation(DRAWN),
    }


def draws(device):
    """Draws from torch's default generator of a device."""
    import torch

    def fresh():
        return torch.ones(DRAWN, device=device)

    return {
        "rand": lambda: torch.rand(DRAWN, device=device),
        "randn": lambda: torch.randn(DRAWN, device=device),
        "randn odd": lambda: torch.randn(7, device=device),
        "randn float64": lambda: torch.randn(DRAWN, device=device, dtype=torch.float64),
        "randint": lambda: torch.randint(2**31, (DRAWN,), device=device),
        "randperm": lambda: torch.randperm(DRAWN, device=device),
        "bernoulli": lambda: torch.bernoulli(fresh() / 2),
        "multinomial": lambda: torch.multinomial(fresh(), DRAWN),
        "multinomial with replacement": lambda: torch.multinomial(fresh(), DRAWN, replacement=True),
        "normal": lambda: torch.normal(fresh(), fresh()),
        "poisson": lambda: torch.poisson(fresh() * 50),
        "binomial": lambda: torch.binomial(fresh() * 50, fresh() / 2),
        "exponential_": lambda: fresh().exponential_(),
        "geometric_": lambda: fresh().geometric_(0.05),
        "cauchy_": lambda: fresh().cauchy_(),
        "log_normal_": lambda: fresh().log_normal_(),
        "random_": lambda: fresh().random_(),
        **_layers(torch, device),
        **_initialisers(torch, device),
        **_distributions(torch, fresh),
    }


def _layers(torch, device):
    from torch.nn import functional

    def image():
        return torch.arange(1.0, 1 + 8 * 8 * 16, device=device).view(1, 16, 8, 8)

    def attention():
        parts = image().view(1, 2, 16, 32) / 1000
        return functional.scaled_dot_product_attention(parts, parts, parts, dropout_p=0.5)

    return {
        "dropout": lambda: functional.dropout(image()),
        "dropout2d": lambda: functional.dropout2d(image().expand(4, 16, 8, 8)),
        "alpha_dropout": lambda: functional.alpha_dropout(image(), training=True),
        "attention dropout": attention,
        "rrelu": lambda: functional.rrelu(-image(), training=True),
        "gumbel_softmax": lambda: functional.gumbel_softmax(image()),
        "fractional_max_pool2d": lambda: functional.fractional_max_pool2d(image(), 2, output_ratio=(0.7, 0.7)),
    }


def _initialisers(torch, device):
    from torch import nn

    def filled(function):
        return lambda: function(torch.empty(16, 16, device=device))

    names = ("uniform_", "normal_", "trunc_normal_", "xavier_normal_", "kaiming_uniform_", "orthogonal_")
    found = {"nn.init.%s" % name: filled(getattr(nn.init, name)) for name in names}
    found["nn.init.sparse_"] = filled(lambda tensor: nn.init.sparse_(tensor, 0.5))
    found["linear layer"] = lambda: nn.Linear(8, 8, device=device).weight
    found["embedding layer"] = lambda: nn.Embedding(8, 8, device=device).weight
    return found


def _distributions(torch, fresh):
    from torch import distributions

    made = {
        "Normal": lambda: distributions.Normal(fresh(), fresh()).rsample(),
        "Gamma": lambda: distributions.Gamma(fresh(), fresh()).rsample(),
        "Beta": lambda: distributions.Beta(fresh(), fresh()).rsample(),
        "Dirichlet": lambda: distributions.Dirichlet(fresh()).rsample(),
        "StudentT": lambda: distributions.StudentT(fresh()).rsample(),
        "VonMises": lambda: distributions.VonMises(fresh(), fresh()).sample(),
        "Categorical": lambda: distributions.Categorical(fresh()).sample((DRAWN,)),
        "Multinomial": lambda: distributions.Multinomial(DRAWN, fresh()).sample(),
    }
    return {"distributions.%s" % name: draw for name, draw in made.items()}


def loader_draws():
    """Draws that decide the samples of a data loader; all from the default generator of the CPU."""
    import torch
    from torch.utils import data

    def order(**options):
        return lambda: torch.cat(list(data.DataLoader(torch.arange(DRAWN), batch_size=4, **options)))

    return {
        "loader order": order(shuffle=True),
        "loader base seed": lambda: iter(data.DataLoader([0, 1]))._base_seed,
        "weighted sampler": order(sampler=data.WeightedRandomSampler([1.0] * DRAWN, DRAWN)),
        "random_split": lambda: data.random_split(range(DRAWN), [0.5, 0.5])[0].indices,
        "scrambled Sobol": lambda: torch.quasirandom.SobolEngine(4, scramble=True).draw(4),
    }


def generators(device, prefix):
    """
    Generators as (seed, draw, save, restore): the defaults of Python, NumPy and torch, and a separate generator.

    A draw starts with an odd number of normal values. A generator may cache the other half for the next call, and
    the cached half is part of its state.
    """
    import numpy
    import torch

    def normal_and_uniform(generator=None):
        places = {"device": device, "generator": generator}
        return [torch.randn(1, **places), torch.randn(1, dtype=torch.float64, **places), torch.rand(5, **places)]

    own = torch.Generator(device)
    module = torch if device.type == "cpu" else torch.cuda
    found = {
        prefix + "torch": (torch.manual_seed, normal_and_uniform, module.get_rng_state, module.set_rng_state),
        prefix + "torch.Generator": (own.manual_seed, lambda: normal_and_uniform(own), own.get_state, own.set_state),
    }
    if device.type == "cpu":
        found["python"] = (
            random.seed,
            lambda: [random.gauss(0, 1), random.random()],
            random.getstate,
            random.setstate,
        )
        found["numpy"] = (
            numpy.random.seed,
            lambda: [numpy.random.normal(), numpy.random.rand(3)],
            numpy.random.get_state,
            numpy.random.set_state,
        )
    return found
