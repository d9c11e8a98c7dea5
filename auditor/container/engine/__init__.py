"""
A container engine, and what this program does with one: connect, build, read an image's files.

Everything speaks to the engine through the docker SDK, which is imported only when a command needs it; building goes
through the `docker buildx` command where that is there, because the SDK has no BuildKit.
"""
