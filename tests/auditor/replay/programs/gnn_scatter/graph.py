"""Read a graph: an edge list with names, and a table with the team of each person."""

import csv
from pathlib import Path

import torch

TEAMS = ("blue", "green", "red")


class Graph:
    """Nodes as numbers, edges in both directions with self loops, labels."""

    def __init__(self, edges_path, teams_path):
        pairs = read_pairs(edges_path)
        names = {name for pair in pairs for name in pair}
        self.ids = {name: number for number, name in enumerate(sorted(names))}
        self.names = list(self.ids)

        forward = torch.tensor([[self.ids[a], self.ids[b]] for a, b in pairs]).t()
        loops = torch.arange(len(self.ids)).repeat(2, 1)
        self.edges = torch.cat([forward, forward.flip(0), loops], dim=1)
        self.labels = torch.zeros(len(self.ids), dtype=torch.long)
        for name, team in read_teams(teams_path):
            self.labels[self.ids[name]] = TEAMS.index(team)

    def __len__(self):
        """Count the nodes."""
        return len(self.ids)


def read_pairs(path):
    """Pairs of names; lines that begin with # are comments."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [tuple(line.split()) for line in lines if line and not line.startswith("#")]


def read_teams(path):
    """Names and teams."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return [(row["name"], row["team"]) for row in csv.DictReader(file)]
