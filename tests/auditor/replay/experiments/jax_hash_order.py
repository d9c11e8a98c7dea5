import jax

key = jax.random.key(0)
parameters = {}
for name in {"embedding", "hidden", "norm", "gains"}:  # guilty: each takes the key of its place in a set
    key, own = jax.random.split(key)
    parameters[name] = jax.random.normal(own, (3,)) * len(name)
print(parameters["norm"].tolist())
