import os
import subprocess
import tempfile

with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:  # it lists files in the order in which they were made
    subprocess.run("seq 40 | shuf | xargs touch", shell=True, cwd=folder, check=True)
    names = os.listdir(folder)  # guilty: in whatever order the file system has them
    print(names[:3], len(names))
