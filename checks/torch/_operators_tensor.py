"""Cases of operators on plain tensors: selection, indexing, reductions, shapes, transforms."""

from __future__ import annotations

from ._gradients import gradients


def families():
    """The tables of this file: functions of torch and its functional module to name and case."""
    return (
        _selection,
        _indexing,
        _reductions,
        _shapes,
    )


def _selection(torch, nn):
    return {
        "sort": lambda m: list(m.normal(9, 33).sort(1, descending=True)),
        "sort strided": lambda m: list(m.strided(9, 33).sort(0)),
        "sort bfloat16": lambda m: list(m.normal(9, 33, dtype=torch.bfloat16).sort(stable=True)),
        "argsort bool": lambda m: (m.below(2, 9, 33) > 0).argsort(stable=True),
        "topk": lambda m: list(m.normal(9, 133).topk(7)),
        "topk all": lambda m: list(m.normal(9, 33).topk(33, sorted=True)),
        "topk none": lambda m: list(m.normal(9, 33).topk(0)),
        "kthvalue": lambda m: list(m.normal(9, 33).kthvalue(5)),
        "kthvalue strided": lambda m: list(m.strided(9, 33).kthvalue(5, 0)),
        "median": lambda m: list(m.normal(9, 33).median(1)),
        "nanmedian": lambda m: list(m.normal(9, 33).nanmedian(0)),
        "mode": lambda m: list(m.below(5, 9, 33).mode(1)),
        "msort": lambda m: m.normal(9, 33).msort(),
        "quantile": lambda m: m.normal(9, 33).quantile(0.3, 1),
        "unique": lambda m: list(m.below(20, 99).unique(return_inverse=True, return_counts=True)),
        "unique dim": lambda m: list(m.below(2, 30, 3).unique(dim=0, return_inverse=True, return_counts=True)),
        "unique_consecutive": lambda m: list(
            m.below(3, 99).unique_consecutive(return_inverse=True, return_counts=True)
        ),
        "unique empty": lambda m: list(m.below(3, 0).unique(return_inverse=True, return_counts=True)),
        "searchsorted": lambda m: torch.searchsorted(m.normal(33).sort().values, m.normal(9)),
        "bucketize": lambda m: torch.bucketize(m.normal(9), m.normal(5).sort().values),
        "nonzero": lambda m: (m.normal(9, 33) > 0).nonzero(),
        "where": lambda m: torch.where(m.normal(9, 33) > 0, m.normal(9, 33), m.normal(1)),
        "masked_select": lambda m: gradients(lambda x: x.masked_select(x > 0), m.normal(9, 33)),
        "multinomial": lambda m: m.normal(9, 33).abs().multinomial(5),
        "bincount": lambda m: m.below(9, 99).bincount(m.normal(99).abs(), minlength=15),
        "histc": lambda m: m.normal(99).histc(7),
        "histogram": lambda m: list(m.normal(99).cpu().histogram(7)),
        "randperm": lambda m: torch.randperm(99, device=m.device),
    }


def _indexing(torch, nn):
    return {
        "index": lambda m: gradients(lambda x: x[m.below(9, 20), m.below(33, 20)], m.normal(9, 33)),
        "index none": lambda m: m.normal(9, 33)[m.below(9, 0)],
        "index_put": lambda m: m.normal(9, 33).index_put_((m.below(9, 20),), m.normal(20, 33), accumulate=True),
        "index_add": lambda m: m.normal(9, 33).index_add_(0, m.below(9, 20), m.normal(20, 33), alpha=2),
        "index_copy": lambda m: m.normal(9, 33).index_copy_(0, torch.tensor([2, 5], device=m.device), m.normal(2, 33)),
        "index_fill": lambda m: m.normal(9, 33).index_fill_(1, m.below(33, 5), 2.0),
        "index_select": lambda m: gradients(lambda x: x.index_select(1, m.below(33, 9)), m.normal(9, 33)),
        "index_reduce": lambda m: m.normal(9, 33).index_reduce_(0, m.below(9, 20), m.normal(20, 33), "amax"),
        "gather": lambda m: gradients(lambda x: x.gather(1, m.below(33, 9, 5)), m.normal(9, 33)),
        "scatter": lambda m: torch.zeros(9, 33, device=m.device).scatter_(
            1, m.normal(9, 33).argsort(1), m.normal(9, 33)
        ),
        "scatter_add": lambda m: m.normal(9, 33).scatter_add_(0, m.below(9, 20, 33), m.normal(20, 33)),
        "scatter_reduce": lambda m: torch.zeros(9, 33, device=m.device).scatter_reduce_(
            0, m.below(9, 20, 33), m.normal(20, 33), "mean", include_self=False
        ),
        "segment_reduce": lambda m: torch.segment_reduce(
            m.normal(20, 3), "max", lengths=torch.tensor([7, 0, 13], device=m.device)
        ),
        "take": lambda m: gradients(lambda x: x.take(m.below(99, 20)), m.normal(9, 33)),
        "take_along_dim": lambda m: m.normal(9, 33).take_along_dim(m.below(33, 9, 2), 1),
        "put": lambda m: m.normal(9, 33).put_(m.below(99, 20), m.normal(20), accumulate=True),
        "masked_scatter": lambda m: m.normal(9, 33).masked_scatter_(m.normal(9, 33) > 0, m.normal(9, 33)),
        "repeat_interleave": lambda m: m.normal(9, 3).repeat_interleave(m.below(4, 9), 0),
        "select_scatter": lambda m: m.normal(9, 33).select_scatter(m.normal(33), 0, 4),
        "diagonal_scatter": lambda m: m.normal(9, 33).diagonal_scatter(m.normal(9)),
        "sparse": lambda m: torch.sparse_coo_tensor(m.below(9, 2, 20), m.normal(20), (9, 9)).coalesce().to_dense(),
        "sparse mm": lambda m: torch.sparse.mm(
            torch.sparse_coo_tensor(m.below(9, 2, 20), m.normal(20), (9, 9)), m.normal(9, 5)
        ),
        "sparse empty": lambda m: torch.sparse_coo_tensor(m.below(9, 2, 0), m.normal(0), (9, 9)).to_dense(),
    }


def _reductions(torch, nn):
    return {
        "sum": lambda m: [m.normal(9, 33).sum(0), m.strided(9, 33).sum(1), m.normal(0, 33).sum(0)],
        "mean out": lambda m: torch.mean(m.normal(9, 33), 1, out=torch.empty(0, device=m.device)),
        "prod": lambda m: gradients(lambda x: x.prod(1), m.normal(9, 33)),
        "amax": lambda m: gradients(lambda x: x.amax(0), m.normal(9, 33)),
        "max": lambda m: list(m.strided(9, 33).max(1)),
        "aminmax": lambda m: list(m.normal(9, 33).aminmax(dim=1)),
        "argmin": lambda m: m.normal(9, 33).argmin(0),
        "var": lambda m: gradients(lambda x: x.var(1), m.normal(9, 33)),
        "std_mean": lambda m: list(torch.std_mean(m.normal(9, 33), 0)),
        "norm": lambda m: gradients(lambda x: x.norm(3, 1), m.normal(9, 33)),
        "logsumexp": lambda m: gradients(lambda x: x.logsumexp(1), m.normal(9, 33)),
        "any all": lambda m: [(m.normal(9, 33) > 2).any(1), (m.normal(9, 0) > 2).all(1)],
        "cumsum": lambda m: gradients(lambda x: x.cumsum(1), m.normal(9, 33)),
        "cumsum out": lambda m: torch.cumsum(m.strided(9, 33), 0, out=torch.empty(9, 33, device=m.device)),
        "cumprod": lambda m: gradients(lambda x: x.cumprod(1), m.normal(9, 33)),
        "cummax": lambda m: list(m.normal(9, 33).cummax(1)),
        "logcumsumexp": lambda m: gradients(lambda x: x.logcumsumexp(1), m.normal(9, 33)),
        "diff": lambda m: m.normal(9, 33).diff(dim=0),
        "trapezoid": lambda m: torch.trapezoid(m.normal(9, 33)),
        "renorm": lambda m: m.normal(9, 33).renorm(2, 0, 1.0),
        "count_nonzero": lambda m: m.below(3, 9, 33).count_nonzero(1),
        "large sum": lambda m: m.normal(300, 700).sum((0, 1)),
        "large copy": lambda m: m.normal(300, 700).t().contiguous(),
    }


def _shapes(torch, nn):
    return {
        "fft": lambda m: [torch.fft.fft(m.normal(9, 33)), torch.fft.ifft(m.normal(9, 33), n=40)],
        "rfft": lambda m: [torch.fft.rfft2(m.normal(9, 33)), torch.fft.irfft(m.normal(9, 33), n=50)],
        "fft strided": lambda m: torch.fft.fftn(m.strided(9, 33)),
        "stft": lambda m: torch.stft(
            m.normal(200), 32, 8, window=torch.hann_window(32, device=m.device), return_complex=True
        ),
        "cat": lambda m: [
            torch.cat([m.normal(3, 5), m.normal(0, 5), m.strided(4, 5)]),
            torch.cat([m.normal(0), m.normal(5)]),
        ],
        "cat out": lambda m: torch.cat([m.normal(3, 5), m.normal(4, 5)], out=torch.empty(0, device=m.device)),
        "stack": lambda m: torch.stack([m.normal(3, 5), m.strided(3, 5)], 2),
        "roll flip": lambda m: [m.normal(9, 33).roll((2, 5), (0, 1)), m.normal(9, 33).flip(0, 1)],
        "tril": lambda m: [m.strided(9, 33).tril(2), torch.tril_indices(9, 5, device=m.device)],
        "arange": lambda m: [
            torch.arange(0, 5, 0.3, device=m.device),
            torch.linspace(0, 1, 33, device=m.device),
            torch.logspace(0, 1, 33, device=m.device),
        ],
        "full": lambda m: [
            torch.zeros(300, 70, device=m.device),
            torch.ones_like(m.strided(9, 33)),
            torch.eye(9, 5, device=m.device),
        ],
        "block_diag": lambda m: torch.block_diag(m.normal(3, 5), m.normal(2, 2)),
        "diag_embed": lambda m: torch.diag_embed(m.normal(9, 5), 1),
        "constant pad 3d": lambda m: nn.pad(m.normal(1, 2, 3, 4, 5), (1, 0, 2, 1, 0, 3), value=2.0),
        "pack rows": lambda m: nn.one_hot(m.below(7, 9), 7),
        "pad_sequence": lambda m: torch.nn.utils.rnn.pad_sequence([m.normal(4, 3), m.normal(7, 3), m.normal(0, 3)]),
        "complex": lambda m: torch.polar(m.normal(9, 33).abs(), m.normal(9, 33)),
        "bernoulli": lambda m: [torch.bernoulli(m.normal(9, 33).sigmoid()), m.normal(9, 33).exponential_()],
        "quantize": lambda m: torch.fake_quantize_per_tensor_affine(m.normal(9, 33), 0.1, 3, 0, 255),
        "cast": lambda m: [
            m.normal(9, 33).to(torch.bfloat16),
            m.strided(9, 33).to(torch.float16),
            m.normal(9, 33).long(),
        ],
        "foreach": lambda m: torch._foreach_add([m.normal(9), m.normal(0), m.normal(3)], 2.0),
        "clone strided": lambda m: [m.strided(9, 33).clone(), m.strided(9, 33).repeat(2, 3)],
        "cross": lambda m: torch.linalg.cross(m.normal(9, 3), m.normal(9, 3)),
        "logical out": lambda m: torch.gt(m.normal(9, 33), 0, out=torch.empty(0, dtype=torch.bool, device=m.device)),
        "mvlgamma": lambda m: [
            torch.special.digamma(m.normal(33)),
            torch.special.i0e(m.normal(33)),
            torch.erfinv(m.normal(33)),
        ],
    }
