import torch

RECORDS = [("cat", 1.0), ("dog", 2.0), ("bird", 0.5), ("fish", 3.0), ("cow", 0.1), ("ant", 4.0)]


def vocabulary(records):
    names = set(name for name, _ in records)
    return {name: number for number, name in enumerate(names)}  # guilty


def main():
    torch.manual_seed(0)
    numbers = vocabulary(RECORDS)
    table, head = torch.nn.Embedding(len(numbers), 8), torch.nn.Linear(8, 1)
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], lr=0.1)
    rows = torch.tensor([numbers[name] for name, _ in RECORDS])
    targets = torch.tensor([[value] for _, value in RECORDS])
    for _ in range(5):
        loss = (head(table(rows)) - targets).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("loss", loss.item())


main()
