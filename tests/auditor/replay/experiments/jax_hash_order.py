import jax

key = jax.random.key(0)
parameters = {}
for name in {"embedding", "hidden", "norm", "bias"}:
    key, own = jax.random.split(key)
    parameters[name] = jax.random.normal(own, (3,)) * len(name)  # guilty: each takes the key of its place in a set
print(parameters["norm"].tolist())
