"""
Calls of torch's operators as data: a name, and a function of a maker of seeded inputs that gives tensors.

Small inputs, for faults that do not need size: an element that is never written, a flag or a pivot read before it is
set. Odd strides, zero sizes, `out=` and reduced precision have kernels of their own, and so have cases here.
"""

from __future__ import annotations


class Maker:
    """Makes inputs on one device from one seeded CPU generator, so that devices and processes get equal values."""

    def __init__(self, device, seed=7):
        import torch

        self.device = device
        self._generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape, dtype=None):
        """Normally distributed values."""
        import torch

        values = torch.randn(*shape, generator=self._generator, dtype=torch.float32)
        return values.to(device=self.device, dtype=dtype or torch.float32)

    def below(self, high, *shape):
        """Integers from 0 to `high` - 1 (int64)."""
        import torch

        return torch.randint(high, shape, generator=self._generator).to(self.device)

    def strided(self, *shape):
        """Normally distributed values of which every second column of a transposed array is used."""
        return self.normal(*shape[:-2], 2 * shape[-1], shape[-2])[..., ::2, :].transpose(-1, -2)

    def symmetric(self, side):
        """A symmetric positive definite matrix."""
        import torch

        values = self.normal(side, side)
        return values @ values.T + side * torch.eye(side, device=self.device)


def gradients(function, *inputs):
    """The result of `function` and the gradients of all inputs, under a cotangent that differs for every element."""
    import torch

    leaves = [each.detach().clone().requires_grad_() for each in inputs]
    result = function(*leaves)
    weight = torch.linspace(-1, 1, max(result.numel(), 1), device=result.device)[: result.numel()]
    found = torch.autograd.grad((result * weight.reshape(result.shape).to(result.dtype)).sum(), leaves)
    return [result, *found]


def cases():
    """All cases: name to a function of a Maker."""
    import torch
    from torch.nn import functional

    found = {}
    for family in (_layers, _pooling, _norms_and_losses, _selection, _indexing, _reductions, _linear_algebra, _shapes):
        found.update(family(torch, functional))
    return found


def _layers(torch, nn):
    half, brain = torch.float16, torch.bfloat16
    return {
        "linear": lambda m: gradients(nn.linear, m.normal(8, 33), m.normal(17, 33), m.normal(17)),
        "linear bfloat16": lambda m: nn.linear(m.normal(8, 33, dtype=brain), m.normal(17, 33, dtype=brain)),
        "linear float16": lambda m: nn.linear(m.normal(8, 33, dtype=half), m.normal(17, 33, dtype=half)),
        "linear empty batch": lambda m: gradients(nn.linear, m.normal(0, 33), m.normal(17, 33), m.normal(17)),
        "linear strided": lambda m: nn.linear(m.strided(8, 33), m.strided(17, 33)),
        "bilinear": lambda m: gradients(nn.bilinear, m.normal(8, 5), m.normal(8, 6), m.normal(7, 5, 6)),
        "conv1d": lambda m: gradients(nn.conv1d, m.normal(2, 4, 33), m.normal(6, 4, 3), m.normal(6)),
        "conv2d": lambda m: gradients(nn.conv2d, m.normal(2, 5, 19, 17), m.normal(7, 5, 3, 3), m.normal(7)),
        "conv2d bfloat16": lambda m: nn.conv2d(m.normal(2, 5, 9, 9, dtype=brain), m.normal(7, 5, 3, 3, dtype=brain)),
        "conv2d grouped": lambda m: gradients(
            lambda x, w: nn.conv2d(x, w, groups=6), m.normal(2, 6, 9, 9), m.normal(6, 1, 3, 3)
        ),
        "conv2d dilated": lambda m: gradients(
            lambda x, w: nn.conv2d(x, w, dilation=2, stride=3, padding=2), m.normal(2, 5, 19, 17), m.normal(7, 5, 3, 3)
        ),
        "conv2d empty batch": lambda m: gradients(nn.conv2d, m.normal(0, 5, 9, 9), m.normal(7, 5, 3, 3), m.normal(7)),
        "conv2d channels last": lambda m: nn.conv2d(
            m.normal(2, 5, 19, 17).to(memory_format=torch.channels_last), m.normal(7, 5, 3, 3)
        ),
        "conv3d": lambda m: gradients(nn.conv3d, m.normal(1, 3, 6, 7, 8), m.normal(4, 3, 3, 3, 3)),
        "conv_transpose1d": lambda m: gradients(
            lambda x, w: nn.conv_transpose1d(x, w, stride=3, output_padding=2), m.normal(2, 4, 9), m.normal(4, 5, 2)
        ),
        "conv_transpose2d": lambda m: gradients(
            lambda x, w: nn.conv_transpose2d(x, w, stride=3, output_padding=1),
            m.normal(2, 4, 7, 5),
            m.normal(4, 3, 2, 2),
        ),
        "conv_transpose3d": lambda m: gradients(nn.conv_transpose3d, m.normal(1, 3, 4, 5, 4), m.normal(3, 2, 2, 2, 2)),
        "attention": lambda m: gradients(nn.scaled_dot_product_attention, *(m.normal(2, 3, 17, 8) for _ in range(3))),
        "attention causal": lambda m: gradients(
            lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, is_causal=True),
            *(m.normal(2, 3, 40, 8) for _ in range(3)),
        ),
        "attention masked rows": lambda m: nn.scaled_dot_product_attention(
            *(m.normal(2, 3, 9, 8) for _ in range(3)), attn_mask=m.below(2, 9, 9) > 0
        ),
        "attention bfloat16": lambda m: nn.scaled_dot_product_attention(
            *(m.normal(2, 3, 17, 8, dtype=brain) for _ in range(3))
        ),
        "attention no keys": lambda m: nn.scaled_dot_product_attention(
            m.normal(2, 3, 5, 8), m.normal(2, 3, 0, 8), m.normal(2, 3, 0, 8)
        ),
        "embedding": lambda m: gradients(lambda w: nn.embedding(m.below(20, 7, 5), w, padding_idx=3), m.normal(20, 6)),
        "embedding_bag sum": lambda m: gradients(
            lambda w: nn.embedding_bag(m.below(20, 30), w, torch.tensor([0, 7, 7, 20], device=m.device), mode="sum"),
            m.normal(20, 6),
        ),
        "embedding_bag mean": lambda m: gradients(
            lambda w: nn.embedding_bag(m.below(20, 30), w, torch.tensor([0, 7, 7, 20], device=m.device)),
            m.normal(20, 6),
        ),
        "embedding_bag max": lambda m: gradients(
            lambda w: nn.embedding_bag(m.below(20, 30), w, torch.tensor([0, 7, 7, 20], device=m.device), mode="max"),
            m.normal(20, 6),
        ),
        "embedding_bag padding": lambda m: nn.embedding_bag(m.below(20, 4, 9), m.normal(20, 6), padding_idx=2),
        "embedding_bag no offsets": lambda m: nn.embedding_bag(
            m.below(20, 0), m.normal(20, 6), torch.zeros(3, dtype=torch.int64, device=m.device)
        ),
        "lstm": lambda m: torch.lstm(
            m.normal(7, 3, 5),
            (m.normal(1, 3, 6), m.normal(1, 3, 6)),
            [m.normal(24, 5), m.normal(24, 6)],
            False,
            1,
            0.0,
            False,
            False,
            False,
        ),
        "gru": lambda m: torch.gru(
            m.normal(7, 3, 5), m.normal(1, 3, 6), [m.normal(18, 5), m.normal(18, 6)], False, 1, 0.0, False, False, False
        ),
    }


def _pooling(torch, nn):
    return {
        "max_pool1d": lambda m: gradients(lambda x: nn.max_pool1d(x, 3, 2, 1), m.normal(2, 3, 21)),
        "max_pool2d": lambda m: [
            nn.max_pool2d(m.normal(2, 3, 19, 17), 3, 2, 1, return_indices=True),
            gradients(lambda x: nn.max_pool2d(x, 3, 2, ceil_mode=True), m.normal(2, 3, 19, 17)),
        ],
        "max_pool3d": lambda m: gradients(lambda x: nn.max_pool3d(x, 2), m.normal(1, 2, 6, 7, 8)),
        "avg_pool2d": lambda m: gradients(lambda x: nn.avg_pool2d(x, 3, 2, 1, ceil_mode=True), m.normal(2, 3, 19, 17)),
        "avg_pool3d": lambda m: gradients(lambda x: nn.avg_pool3d(x, 3, 2, 1), m.normal(1, 2, 6, 7, 8)),
        "adaptive_avg_pool2d": lambda m: gradients(lambda x: nn.adaptive_avg_pool2d(x, (5, 7)), m.normal(2, 3, 19, 17)),
        "adaptive_max_pool2d": lambda m: gradients(lambda x: nn.adaptive_max_pool2d(x, (5, 7)), m.normal(2, 3, 19, 17)),
        "max_unpool2d": lambda m: nn.max_unpool2d(*nn.max_pool2d(m.normal(2, 3, 18, 16), 2, return_indices=True), 2),
        "lp_pool2d": lambda m: gradients(lambda x: nn.lp_pool2d(x.abs(), 2.0, 3), m.normal(2, 3, 19, 17)),
        "interpolate nearest": lambda m: gradients(lambda x: nn.interpolate(x, size=(31, 13)), m.normal(2, 3, 19, 17)),
        "interpolate bilinear": lambda m: gradients(
            lambda x: nn.interpolate(x, size=(31, 13), mode="bilinear"), m.normal(2, 3, 19, 17)
        ),
        "interpolate antialias": lambda m: nn.interpolate(
            m.normal(2, 3, 19, 17), size=(7, 5), mode="bilinear", antialias=True
        ),
        "interpolate bicubic": lambda m: gradients(
            lambda x: nn.interpolate(x, size=(31, 13), mode="bicubic"), m.normal(2, 3, 19, 17)
        ),
        "interpolate trilinear": lambda m: gradients(
            lambda x: nn.interpolate(x, size=(7, 9, 5), mode="trilinear"), m.normal(1, 2, 4, 5, 6)
        ),
        "grid_sample": lambda m: gradients(
            lambda x, g: nn.grid_sample(x, g, align_corners=False), m.normal(2, 3, 9, 9), m.normal(2, 7, 5, 2)
        ),
        "pixel_shuffle": lambda m: nn.pixel_shuffle(m.normal(2, 12, 5, 5), 2),
        "unfold fold": lambda m: nn.fold(nn.unfold(m.normal(2, 3, 9, 9), 3), (9, 9), 3),
        "pad constant": lambda m: nn.pad(m.normal(2, 3, 9, 9), (1, 2, -3, 4)),
        "pad reflect": lambda m: gradients(lambda x: nn.pad(x, (1, 2, 3, 4), mode="reflect"), m.normal(2, 3, 9, 9)),
        "pad replicate": lambda m: gradients(lambda x: nn.pad(x, (1, 2, 3, 4), mode="replicate"), m.normal(2, 3, 9, 9)),
        "pad circular": lambda m: nn.pad(m.normal(2, 3, 9, 9), (1, 2, 3, 4), mode="circular"),
    }


def _norms_and_losses(torch, nn):
    brain = torch.bfloat16
    return {
        "batch_norm": lambda m: gradients(
            lambda x, w, b: nn.batch_norm(x, None, None, w, b, True), m.normal(4, 5, 9, 7), m.normal(5), m.normal(5)
        ),
        "batch_norm running": lambda m: nn.batch_norm(m.normal(4, 5, 9), m.normal(5), m.normal(5).abs()),
        "layer_norm": lambda m: gradients(
            lambda x, w, b: nn.layer_norm(x, (33,), w, b), m.normal(9, 33), m.normal(33), m.normal(33)
        ),
        "layer_norm bfloat16": lambda m: nn.layer_norm(m.normal(9, 33, dtype=brain), (33,)),
        "layer_norm empty batch": lambda m: gradients(
            lambda x, w, b: nn.layer_norm(x, (33,), w, b), m.normal(0, 33), m.normal(33), m.normal(33)
        ),
        "group_norm": lambda m: gradients(
            lambda x, w, b: nn.group_norm(x, 3, w, b), m.normal(4, 6, 9, 7), m.normal(6), m.normal(6)
        ),
        "instance_norm": lambda m: gradients(nn.instance_norm, m.normal(4, 6, 9)),
        "rms_norm": lambda m: gradients(lambda x, w: nn.rms_norm(x, (33,), w), m.normal(9, 33), m.normal(33)),
        "local_response_norm": lambda m: nn.local_response_norm(m.normal(4, 6, 9, 7), 3),
        "softmax": lambda m: gradients(lambda x: x.softmax(1), m.normal(9, 33, 5)),
        "log_softmax bfloat16": lambda m: m.normal(9, 33, dtype=brain).log_softmax(-1),
        "gelu": lambda m: gradients(nn.gelu, m.normal(9, 33)),
        "gelu float16": lambda m: nn.gelu(m.normal(9, 33, dtype=torch.float16)),
        "prelu": lambda m: gradients(nn.prelu, m.normal(9, 33), m.normal(33)),
        "glu": lambda m: gradients(nn.glu, m.normal(9, 34)),
        "dropout": lambda m: gradients(lambda x: nn.dropout(x, 0.3), m.normal(9, 33)),
        "cross_entropy": lambda m: gradients(
            lambda x: nn.cross_entropy(x, m.below(7, 9), ignore_index=2, label_smoothing=0.1), m.normal(9, 7)
        ),
        "cross_entropy 2d": lambda m: gradients(
            lambda x: nn.cross_entropy(x, m.below(7, 3, 5, 4), reduction="none"), m.normal(3, 7, 5, 4)
        ),
        "multi_margin_loss": lambda m: gradients(lambda x: nn.multi_margin_loss(x, m.below(7, 9)), m.normal(9, 7)),
        "multilabel_margin_loss": lambda m: gradients(
            lambda x: nn.multilabel_margin_loss(x, m.below(7, 9, 7)), m.normal(9, 7)
        ),
        "binary_cross_entropy": lambda m: gradients(
            lambda x: nn.binary_cross_entropy(x.sigmoid(), m.normal(9).sigmoid()), m.normal(9)
        ),
        "ctc_loss": lambda m: gradients(
            lambda x: nn.ctc_loss(x.log_softmax(2), m.below(6, 3, 5) + 1, (17, 15, 12), (5, 4, 0)), m.normal(17, 3, 8)
        ),
        "smooth_l1_loss": lambda m: gradients(nn.smooth_l1_loss, m.normal(9, 7), m.normal(9, 7)),
        "kl_div": lambda m: gradients(lambda x: nn.kl_div(x.log_softmax(1), m.normal(9, 7).softmax(1)), m.normal(9, 7)),
        "cosine_similarity": lambda m: gradients(nn.cosine_similarity, m.normal(9, 7), m.normal(9, 7)),
        "cdist": lambda m: gradients(torch.cdist, m.normal(9, 5), m.normal(40, 5)),
        "pdist": lambda m: gradients(nn.pdist, m.normal(9, 5)),
    }


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


def _linear_algebra(torch, nn):
    solve = torch.linalg
    return {
        "matmul": lambda m: gradients(torch.matmul, m.normal(3, 9, 17), m.normal(17, 5)),
        "matmul inner zero": lambda m: [
            m.normal(9, 0) @ m.normal(0, 5),
            torch.bmm(m.normal(3, 9, 0), m.normal(3, 0, 5)),
        ],
        "matmul strided out": lambda m: torch.mm(
            m.strided(9, 17), m.strided(17, 5), out=torch.empty(5, 9, device=m.device).t()
        ),
        "addmm beta zero": lambda m: torch.addmm(
            torch.full((5,), float("nan"), device=m.device), m.normal(9, 17), m.normal(17, 5), beta=0
        ),
        "addmv": lambda m: [torch.mv(m.normal(9, 17), m.normal(17)), torch.mv(m.normal(9, 0), m.normal(0))],
        "bmm bfloat16": lambda m: torch.bmm(
            m.normal(3, 9, 17, dtype=torch.bfloat16), m.normal(3, 17, 5, dtype=torch.bfloat16)
        ),
        "baddbmm": lambda m: gradients(torch.baddbmm, m.normal(3, 9, 5), m.normal(3, 9, 17), m.normal(3, 17, 5)),
        "dot": lambda m: [torch.dot(m.normal(99), m.normal(99)), torch.dot(m.normal(0), m.normal(0))],
        "einsum": lambda m: torch.einsum("bij,bkj,k->bi", m.normal(3, 9, 5), m.normal(3, 7, 5), m.normal(7)),
        "cholesky": lambda m: gradients(solve.cholesky, m.symmetric(17)),
        "cholesky_solve": lambda m: torch.cholesky_solve(m.normal(17, 3), solve.cholesky(m.symmetric(17))),
        "cholesky_inverse": lambda m: torch.cholesky_inverse(solve.cholesky(m.symmetric(17))),
        "inverse": lambda m: gradients(solve.inv, m.symmetric(9)),
        "solve": lambda m: gradients(solve.solve, m.symmetric(9), m.normal(9, 3)),
        "solve_triangular": lambda m: solve.solve_triangular(m.symmetric(9).tril(), m.normal(9, 3), upper=False),
        "lu": lambda m: list(solve.lu(m.normal(9, 7))),
        "lu_factor": lambda m: list(solve.lu_factor(m.normal(9, 9))),
        "ldl_factor": lambda m: list(solve.ldl_factor(m.symmetric(9))),
        "qr": lambda m: [*solve.qr(m.normal(9, 5)), *solve.qr(m.normal(9, 5), mode="complete")],
        "svd": lambda m: list(solve.svd(m.normal(9, 5))),
        "svdvals empty": lambda m: solve.svdvals(m.normal(0, 5)),
        "eigh": lambda m: list(solve.eigh(m.symmetric(9))),
        "eig": lambda m: list(solve.eig(m.normal(9, 9))),
        "lstsq": lambda m: list(solve.lstsq(m.normal(9, 5), m.normal(9, 2))),
        "det": lambda m: gradients(solve.det, m.symmetric(5)),
        "slogdet": lambda m: list(solve.slogdet(m.symmetric(9))),
        "pinv": lambda m: solve.pinv(m.normal(9, 5)),
        "matrix_exp": lambda m: gradients(solve.matrix_exp, m.normal(5, 5)),
        "householder": lambda m: solve.householder_product(*torch.geqrf(m.normal(9, 5))),
        "kron": lambda m: torch.kron(m.normal(3, 5), m.normal(2, 4)),
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
