"""REINFORCE with a learned baseline on CartPole."""

import argparse
import csv
import time
from collections import deque

import gymnasium as gym
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.distributions import Categorical


class Policy(nn.Module):
    """Action logits and a value for each observation."""

    def __init__(self, observations, actions, width=64):
        super().__init__()
        self.body = nn.Linear(observations, width)
        self.actor = nn.Linear(width, actions)
        self.critic = nn.Linear(width, 1)

    def forward(self, x):
        """Return a distribution over actions, and the value."""
        x = torch.tanh(self.body(x))
        return Categorical(logits=self.actor(x)), self.critic(x).squeeze(-1)


def get_args():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="CartPole-v1")
    parser.add_argument("--episodes", type=int, default=60)
    parser.add_argument("--gamma", type=float, default=0.99)
    parser.add_argument("--lr", type=float, default=1e-2)
    parser.add_argument("--seed", type=int, default=543)
    parser.add_argument("--log-interval", type=int, default=10)
    parser.add_argument("--solved", type=float, default=400.0, help="running mean of the return that ends training")
    return parser.parse_args()


def discounted(rewards, gamma):
    """Returns of each step, normalised."""
    returns, total = [], 0.0
    for reward in reversed(rewards):
        total = reward + gamma * total
        returns.append(total)
    returns = torch.tensor(returns[::-1])
    return (returns - returns.mean()) / (returns.std() + 1e-6)


def play(env, policy, observation):
    """One episode; returns log probabilities, values, entropies and rewards."""
    log_probs, values, entropies, rewards = [], [], [], []
    done = False
    while not done:
        distribution, value = policy(torch.as_tensor(observation, dtype=torch.float32))
        action = distribution.sample()
        observation, reward, terminated, truncated, _ = env.step(action.item())
        log_probs.append(distribution.log_prob(action))
        entropies.append(distribution.entropy())
        values.append(value)
        rewards.append(float(reward))
        done = terminated or truncated
    return torch.stack(log_probs), torch.stack(values), torch.stack(entropies), rewards


def update(optimizer, log_probs, values, entropies, returns):
    """One step of gradient descent for an episode."""
    advantages = returns - values.detach()
    loss = -(log_probs * advantages).sum() + F.smooth_l1_loss(values, returns, reduction="sum")
    loss = loss - 0.01 * entropies.sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def main():
    """Play and learn."""
    args = get_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    env = gym.make(args.env)
    env.action_space.seed(args.seed)

    policy = Policy(env.observation_space.shape[0], env.action_space.n)
    optimizer = optim.Adam(policy.parameters(), lr=args.lr)
    recent = deque(maxlen=20)
    steps, began = 0, time.time()
    with open("progress.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["episode", "return", "loss", "seconds"])
        for episode in range(1, args.episodes + 1):
            observation, _ = env.reset(seed=args.seed + episode)
            log_probs, values, entropies, rewards = play(env, policy, observation)
            loss = update(optimizer, log_probs, values, entropies, discounted(rewards, args.gamma))
            recent.append(sum(rewards))
            steps += len(rewards)
            seconds = time.time() - began
            writer.writerow([episode, sum(rewards), f"{loss:.5f}", f"{seconds:.3f}"])
            mean = sum(recent) / len(recent)
            if episode % args.log_interval == 0:
                print(
                    f"Episode {episode}\tLast: {sum(rewards):.1f}\tMean: {mean:.1f}\tSPS: {int(steps / seconds)}",
                    flush=True,
                )
            if mean > args.solved:
                print(f"Solved! Running mean {mean:.1f}")
                break
    env.close()
    torch.save(policy.state_dict(), f"{args.env}-{int(began)}.pt")


if __name__ == "__main__":
    main()
