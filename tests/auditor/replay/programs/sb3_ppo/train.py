"""Train PPO on CartPole with Stable-Baselines3: several environments, evaluations, CSV and TensorBoard logs."""

# ruff: noqa: DTZ005

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback, CallbackList, CheckpointCallback, EvalCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.logger import configure
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecNormalize


class WallClockCallback(BaseCallback):
    """Records how long a rollout took."""

    def _on_rollout_start(self) -> None:
        self.started = time.perf_counter()

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        self.logger.record("time/rollout_seconds", time.perf_counter() - self.started)


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="CartPole-v1")
    parser.add_argument("--timesteps", type=int, default=1024)
    parser.add_argument("--n-envs", type=int, default=2)
    parser.add_argument("--n-steps", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--eval-freq", type=int, default=512, help="in timesteps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log-root", type=Path, default=Path("logs"))
    return parser.parse_args()


def make_envs(args: argparse.Namespace, log_dir: Path) -> tuple[VecEnv, VecEnv]:
    """The environments to train in and the one to evaluate in."""
    train_env = make_vec_env(
        args.env,
        n_envs=args.n_envs,
        seed=args.seed,
        monitor_dir=str(log_dir / "monitor"),
        vec_env_cls=DummyVecEnv,
    )
    train_env = VecNormalize(train_env, norm_obs=True, norm_reward=True)
    eval_env = VecNormalize(make_vec_env(args.env, n_envs=1, seed=args.seed + 100), training=False, norm_reward=False)
    return train_env, eval_env


def linear(start: float):
    """A learning rate that falls to zero."""

    def schedule(progress_remaining: float) -> float:
        return start * progress_remaining

    return schedule


def main() -> None:
    """Train, evaluate, save."""
    args = parse_args()
    torch.set_num_threads(1)
    log_dir = args.log_root / f"ppo_{datetime.now():%Y%m%d-%H%M%S-%f}"
    log_dir.mkdir(parents=True)

    train_env, eval_env = make_envs(args, log_dir)
    model = PPO(
        "MlpPolicy",
        train_env,
        n_steps=args.n_steps,
        batch_size=64,
        n_epochs=4,
        learning_rate=linear(args.learning_rate),
        policy_kwargs={"net_arch": [32, 32]},
        seed=args.seed,
        device="cpu",
        verbose=1,
    )
    model.set_logger(configure(str(log_dir), ["stdout", "csv", "tensorboard"]))

    eval_callback = EvalCallback(
        eval_env,
        n_eval_episodes=3,
        eval_freq=max(args.eval_freq // args.n_envs, 1),
        log_path=str(log_dir),
        best_model_save_path=str(log_dir),
        verbose=0,
    )
    checkpoint_callback = CheckpointCallback(args.eval_freq // args.n_envs, str(log_dir / "checkpoints"), "ppo")
    model.learn(args.timesteps, callback=CallbackList([eval_callback, checkpoint_callback, WallClockCallback()]))

    train_env.save(str(log_dir / "vecnormalize.pkl"))
    eval_env.obs_rms = train_env.obs_rms
    mean_reward, std_reward = evaluate_policy(model, eval_env, n_eval_episodes=5)
    model.save(log_dir / "final_model")
    summary = {
        "mean_reward": float(mean_reward),
        "std_reward": float(std_reward),
        "evaluations": np.load(log_dir / "evaluations.npz")["results"].mean(axis=1).tolist(),
    }
    (log_dir / "summary.json").write_text(json.dumps(summary, indent=2))
    model.logger.log(f"{log_dir}: mean reward {mean_reward:.1f} +- {std_reward:.1f}")


if __name__ == "__main__":
    main()
