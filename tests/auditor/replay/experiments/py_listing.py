import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    for name in ("c.txt", "a.txt", "b.txt"):
        with open(os.path.join(folder, name), "w") as file:
            file.write(name)
    names = os.listdir(folder)  # guilty: in whatever order the file system has them
print(names)
