"""
The container engine: connect, build, read an image's files, run the audited Python.

Everything uses the docker SDK, which is imported only if a command needs it. Builds use the `docker buildx` command if
available, because the SDK does not support BuildKit.
"""
