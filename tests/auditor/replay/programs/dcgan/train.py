"""
Train a small DCGAN on synthetic 16x16 images.

Images of samples are written for a fixed noise vector after each epoch, and both networks are saved.
"""

import argparse
import os
import random
import time

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--images", type=int, default=768, help="size of the training set")
parser.add_argument("--batchSize", type=int, default=64, help="input batch size")
parser.add_argument("--nz", type=int, default=32, help="size of the latent z vector")
parser.add_argument("--ngf", type=int, default=16, help="channels of the generator")
parser.add_argument("--ndf", type=int, default=16, help="channels of the discriminator")
parser.add_argument("--niter", type=int, default=2, help="number of epochs to train for")
parser.add_argument("--lr", type=float, default=0.0004, help="learning rate")
parser.add_argument("--beta1", type=float, default=0.5, help="beta1 for adam")
parser.add_argument("--outf", default="samples", help="folder for images and model checkpoints")
parser.add_argument("--manualSeed", type=int, default=999, help="manual seed")


def synthetic_images(count):
    """Blobs and stripes with values in [-1, 1], shape (count, 1, 16, 16)."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:16, 0:16].astype(np.float32)
    images = np.empty((count, 1, 16, 16), dtype=np.float32)
    for image in images:
        if rng.random() < 0.5:
            cy, cx = rng.uniform(4, 12, size=2)
            image[0] = 2 * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / 12) - 1
        else:
            image[0] = np.sin((x * rng.uniform(0.3, 1) + y * rng.uniform(0.3, 1)) + rng.uniform(0, 6.28))
    return torch.from_numpy(images)


def weights_init(module):
    """Initialise convolutions and batch norms as the DCGAN paper does."""
    name = module.__class__.__name__
    if "Conv" in name:
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif "BatchNorm" in name:
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


def make_generator(nz, ngf):
    """From (N, nz, 1, 1) to (N, 1, 16, 16)."""
    return nn.Sequential(
        nn.ConvTranspose2d(nz, ngf * 2, 4, 1, 0, bias=False),
        nn.BatchNorm2d(ngf * 2),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
        nn.BatchNorm2d(ngf),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(ngf, 1, 4, 2, 1, bias=False),
        nn.Tanh(),
    )


def make_discriminator(ndf):
    """From (N, 1, 16, 16) to (N, 1, 1, 1) probabilities."""
    return nn.Sequential(
        nn.Conv2d(1, ndf, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
        nn.BatchNorm2d(ndf * 2),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf * 2, 1, 4, 1, 0, bias=False),
        nn.Sigmoid(),
    )


def main():
    """Alternate steps of the discriminator and of the generator."""
    opt = parser.parse_args()
    print(opt)
    os.makedirs(opt.outf, exist_ok=True)
    torch.set_num_threads(1)

    print("Random Seed: ", opt.manualSeed)
    random.seed(opt.manualSeed)
    torch.manual_seed(opt.manualSeed)

    loader = DataLoader(TensorDataset(synthetic_images(opt.images)), batch_size=opt.batchSize, shuffle=True)
    net_g = make_generator(opt.nz, opt.ngf).apply(weights_init)
    net_d = make_discriminator(opt.ndf).apply(weights_init)
    print(net_g)
    print(net_d)

    criterion = nn.BCELoss()
    fixed_noise = torch.randn(16, opt.nz, 1, 1)
    optimizer_d = optim.Adam(net_d.parameters(), lr=opt.lr, betas=(opt.beta1, 0.999))
    optimizer_g = optim.Adam(net_g.parameters(), lr=opt.lr, betas=(opt.beta1, 0.999))

    for epoch in range(opt.niter):
        epoch_start = time.time()
        for i, (real,) in enumerate(loader):
            # (1) Discriminator: maximise log(D(x)) + log(1 - D(G(z))). Labels of real images are smoothed at random.
            net_d.zero_grad()
            size = real.size(0)
            label = torch.full((size,), random.uniform(0.8, 1.0))
            output = net_d(real).view(-1)
            loss_real = criterion(output, label)
            loss_real.backward()
            d_x = output.mean().item()

            fake = net_g(torch.randn(size, opt.nz, 1, 1))
            output = net_d(fake.detach()).view(-1)
            loss_fake = criterion(output, torch.zeros(size))
            loss_fake.backward()
            d_g_z1 = output.mean().item()
            optimizer_d.step()

            # (2) Generator: maximise log(D(G(z))).
            net_g.zero_grad()
            output = net_d(fake).view(-1)
            loss_g = criterion(output, torch.ones(size))
            loss_g.backward()
            d_g_z2 = output.mean().item()
            optimizer_g.step()

            loss_d = (loss_real + loss_fake).item()
            print(
                f"[{epoch}/{opt.niter}][{i}/{len(loader)}] Loss_D: {loss_d:.4f} Loss_G: {loss_g.item():.4f} "
                f"D(x): {d_x:.4f} D(G(z)): {d_g_z1:.4f} / {d_g_z2:.4f}"
            )

        with torch.no_grad():
            grid = net_g(fixed_noise).numpy()
        np.save(f"{opt.outf}/fake_samples_epoch_{epoch:03d}.npy", grid)
        print(f"epoch {epoch} took {time.time() - epoch_start:.2f} s")

        torch.save(net_g.state_dict(), f"{opt.outf}/netG_epoch_{epoch}.pth")
        torch.save(net_d.state_dict(), f"{opt.outf}/netD_epoch_{epoch}.pth")
    print("finished at", time.strftime("%H:%M:%S"))


if __name__ == "__main__":
    main()
