"""A2C on a vector of Gymnasium environments in processes of their own, with a random warm-up and regular evaluation."""

from __future__ import annotations

import argparse
import csv
import logging
import time
from pathlib import Path

import gymnasium as gym
import numpy as np
import torch
from agent import ActorCritic, RunningNorm

log = logging.getLogger("a2c")


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env-id", default="CartPole-v1")
    parser.add_argument("--num-envs", type=int, default=4)
    parser.add_argument("--updates", type=int, default=80)
    parser.add_argument("--steps", type=int, default=8, help="steps of each environment for an update")
    parser.add_argument("--warmup", type=int, default=50, help="random steps that fill the observation statistics")
    parser.add_argument("--gamma", type=float, default=0.99)
    parser.add_argument("--entropy", type=float, default=0.01)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--eval-every", type=int, default=40)
    parser.add_argument("--vectorization", choices=["sync", "async"], default="async")
    parser.add_argument("--seed", type=int, default=21)
    return parser.parse_args()


def warm_up(envs: gym.vector.VectorEnv, norm: RunningNorm, steps: int) -> None:
    """Act at random and keep the statistics of what is seen."""
    seen = []
    for _ in range(steps):
        obs, *_ = envs.step(envs.action_space.sample())
        seen.append(obs)
    norm.update(np.concatenate(seen))


def returns_of(rewards: np.ndarray, done: np.ndarray, last_value: np.ndarray, gamma: float) -> torch.Tensor:
    """Discounted returns, started from the value of the last observation."""
    out, running = np.zeros_like(rewards), last_value
    for step in reversed(range(len(rewards))):
        running = rewards[step] + gamma * running * (1.0 - done[step])
        out[step] = running
    return torch.as_tensor(out, dtype=torch.float32)


def rollout_loss(
    envs: gym.vector.VectorEnv, agent: ActorCritic, norm: RunningNorm, obs: np.ndarray, args: argparse.Namespace
) -> tuple[torch.Tensor, np.ndarray]:
    """Act for some steps; the loss of the policy and of the values, and where the environments now are."""
    log_probs, values, entropies, rewards, done = [], [], [], [], []
    for _ in range(args.steps):
        norm.update(obs)
        distribution, value = agent(norm(obs))
        action = distribution.sample()
        obs, reward, terminated, truncated, _ = envs.step(action.numpy())
        log_probs.append(distribution.log_prob(action))
        entropies.append(distribution.entropy())
        values.append(value)
        rewards.append(reward)
        done.append(np.logical_or(terminated, truncated).astype(np.float64))
    with torch.no_grad():
        last_value = agent(norm(obs))[1].numpy().astype(np.float64)
    returns = returns_of(np.array(rewards), np.array(done), last_value, args.gamma)
    advantage = returns - torch.stack(values)
    policy_loss = -(torch.stack(log_probs) * advantage.detach()).mean()
    loss = policy_loss + 0.5 * advantage.pow(2).mean() - args.entropy * torch.stack(entropies).mean()
    return loss, obs


@torch.no_grad()
def evaluate(agent: ActorCritic, norm: RunningNorm, env_id: str, seed: int, episodes: int = 4) -> float:
    """Mean return of the greedy policy."""
    env = gym.make(env_id)
    total = 0.0
    for episode in range(episodes):
        obs, _ = env.reset(seed=seed + episode)
        over = False
        while not over:
            distribution, _ = agent(norm(obs))
            obs, reward, terminated, truncated, _ = env.step(int(distribution.probs.argmax()))
            total += float(reward)
            over = terminated or truncated
    env.close()
    return total / episodes


def main() -> None:
    """Train; the best agent of the evaluations is kept."""
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    run_dir = Path("runs") / f"{args.env_id}__{args.seed}__{int(time.time())}"
    run_dir.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)

    envs = gym.make_vec(args.env_id, num_envs=args.num_envs, vectorization_mode=args.vectorization)
    envs.action_space.seed(args.seed)
    obs, _ = envs.reset(seed=args.seed)
    norm = RunningNorm(envs.single_observation_space.shape[0])
    warm_up(envs, norm, args.warmup)
    agent = ActorCritic(norm.mean.size, int(envs.single_action_space.n))
    optimizer = torch.optim.RMSprop(agent.parameters(), lr=args.lr, eps=1e-5)

    obs, _ = envs.reset()
    began, frames, best = time.time(), 0, -1.0
    rows = []
    for update in range(1, args.updates + 1):
        loss, obs = rollout_loss(envs, agent, norm, obs, args)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
        optimizer.step()
        frames += args.steps * args.num_envs

        if update % args.eval_every == 0:
            score = evaluate(agent, norm, args.env_id, seed=10_000)
            rows.append({"update": update, "score": score, "seconds": time.time() - began})
            log.info("update %d: score %.1f, %.0f frames/s", update, score, frames / (time.time() - began))
            if score > best:
                best = score
                torch.save(agent.state_dict(), run_dir / "best.pt")
    envs.close()
    with (run_dir / "evaluations.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=["update", "score", "seconds"])
        table.writeheader()
        table.writerows(rows)
    log.info("best score %.1f, kept in %s", best, run_dir)


if __name__ == "__main__":
    main()
