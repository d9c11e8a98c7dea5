"""Classify synthetic clusters with a LightningModule, CSV logs and the best checkpoint."""

# ruff: noqa: ARG002, N812

from __future__ import annotations

import argparse
import logging
import time
import warnings

import lightning as L
import torch
import torch.nn.functional as F
from datamodule import ClusterDataModule
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import nn
from torchmetrics.classification import MulticlassAccuracy

logger = logging.getLogger("clusters")


class Classifier(L.LightningModule):
    """A perceptron with dropout and batch normalisation."""

    def __init__(self, features: int, classes: int, hidden: int = 64, dropout: float = 0.2, lr: float = 3e-3) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            nn.Linear(features, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )
        self.val_accuracy = MulticlassAccuracy(num_classes=classes)
        self.test_accuracy = MulticlassAccuracy(num_classes=classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        return self.net(x)

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        """Cross entropy with smoothed labels."""
        x, y = batch
        loss = F.cross_entropy(self(x), y, label_smoothing=0.05)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> None:
        """Loss and accuracy."""
        x, y = batch
        logits = self(x)
        self.val_accuracy(logits, y)
        self.log("val_loss", F.cross_entropy(logits, y), prog_bar=True)
        self.log("val_acc", self.val_accuracy, prog_bar=True)

    def test_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> None:
        """Accuracy."""
        x, y = batch
        self.test_accuracy(self(x), y)
        self.log("test_acc", self.test_accuracy)

    def configure_optimizers(self) -> dict:
        """AdamW with a cosine schedule over the whole training."""
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)
        steps = int(self.trainer.estimated_stepping_batches)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


class EpochTimer(L.Callback):
    """Logs how long an epoch took and how many examples per second that is."""

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Start the clock."""
        self.started = time.perf_counter()

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Stop it; the rate goes to the CSV file too."""
        seconds = time.perf_counter() - self.started
        rate = trainer.num_training_batches * trainer.datamodule.hparams.batch_size / seconds
        pl_module.log("examples_per_second", rate)
        logger.info("epoch %d took %.2f s, %.0f examples/s", trainer.current_epoch, seconds, rate)


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1234)
    parser.add_argument("--log-dir", default="lightning_logs")
    return parser.parse_args()


def main() -> None:
    """Train, then test the best checkpoint."""
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    torch.set_num_threads(1)
    L.seed_everything(args.seed, workers=True)

    data = ClusterDataModule(batch_size=args.batch_size)
    model = Classifier(data.hparams.features, data.hparams.classes, hidden=args.hidden, lr=args.lr)

    csv_logger = CSVLogger(args.log_dir, name="clusters")
    checkpoint = ModelCheckpoint(monitor="val_acc", mode="max", filename="{epoch:02d}-{val_acc:.3f}", save_last=True)
    trainer = L.Trainer(
        max_epochs=args.epochs,
        accelerator="cpu",
        devices=1,
        logger=csv_logger,
        callbacks=[checkpoint, LearningRateMonitor(), EarlyStopping("val_loss", patience=3), EpochTimer()],
        log_every_n_steps=10,
        deterministic=True,
    )
    trainer.fit(model, datamodule=data)
    results = trainer.test(model, datamodule=data, ckpt_path="best")
    logger.info(
        "%s: test accuracy %.4f, best checkpoint %s",
        csv_logger.log_dir,
        results[0]["test_acc"],
        checkpoint.best_model_path,
    )


if __name__ == "__main__":
    main()
