"""What is installed in the processes of a real run: each recorder has a folder of its own."""
