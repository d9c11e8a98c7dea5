"""Cases of the operators behind layers: convolutions, attention, embeddings, pooling, norms, losses."""

from __future__ import annotations

from ._gradients import gradients


def families():
    """The tables of this file: functions of torch and its functional module to name and case."""
    return (
        _layers,
        _transposed,
        _attention,
        _embedding,
        _pooling,
        _resizing,
        _norms,
        _activations,
        _losses,
    )


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
    }


def _transposed(torch, nn):
    return {
        "conv_transpose1d": lambda m: gradients(
            lambda x, w: nn.conv_transpose1d(x, w, stride=3, output_padding=2), m.normal(2, 4, 9), m.normal(4, 5, 2)
        ),
        "conv_transpose2d": lambda m: gradients(
            lambda x, w: nn.conv_transpose2d(x, w, stride=3, output_padding=1),
            m.normal(2, 4, 7, 5),
            m.normal(4, 3, 2, 2),
        ),
        "conv_transpose3d": lambda m: gradients(nn.conv_transpose3d, m.normal(1, 3, 4, 5, 4), m.normal(3, 2, 2, 2, 2)),
    }


def _attention(torch, nn):
    return {
        "attention": lambda m: gradients(nn.scaled_dot_product_attention, *(m.normal(2, 3, 17, 8) for _ in range(3))),
        "attention causal": lambda m: gradients(
            lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, is_causal=True),
            *(m.normal(2, 3, 40, 8) for _ in range(3)),
        ),
        "attention masked rows": lambda m: nn.scaled_dot_product_attention(
            *(m.normal(2, 3, 9, 8) for _ in range(3)), attn_mask=m.below(2, 9, 9) > 0
        ),
        "attention bfloat16": lambda m: nn.scaled_dot_product_attention(
            *(m.normal(2, 3, 17, 8, dtype=torch.bfloat16) for _ in range(3))
        ),
        "attention no keys": lambda m: nn.scaled_dot_product_attention(
            m.normal(2, 3, 5, 8), m.normal(2, 3, 0, 8), m.normal(2, 3, 0, 8)
        ),
    }


def _embedding(torch, nn):
    return {
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
    }


def _resizing(torch, nn):
    return {
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


def _norms(torch, nn):
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
    }


def _activations(torch, nn):
    return {
        "softmax": lambda m: gradients(lambda x: x.softmax(1), m.normal(9, 33, 5)),
        "log_softmax bfloat16": lambda m: m.normal(9, 33, dtype=torch.bfloat16).log_softmax(-1),
        "gelu": lambda m: gradients(nn.gelu, m.normal(9, 33)),
        "gelu float16": lambda m: nn.gelu(m.normal(9, 33, dtype=torch.float16)),
        "prelu": lambda m: gradients(nn.prelu, m.normal(9, 33), m.normal(33)),
        "glu": lambda m: gradients(nn.glu, m.normal(9, 34)),
        "dropout": lambda m: gradients(lambda x: nn.dropout(x, 0.3), m.normal(9, 33)),
    }


def _losses(torch, nn):
    return {
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
