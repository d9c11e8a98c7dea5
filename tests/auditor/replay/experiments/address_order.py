class Item:
    def __init__(self, number):
        self.number = number


items = {Item(number) for number in range(50)}
print([item.number for item in items])  # guilty: objects in the order of their addresses
